/** Two runs of one flow beside each other: on the canvas, step by step, and value by value. */
import { ActionIcon, Checkbox, Select, Tooltip } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { get } from "@/api/client";
import { past, type Move, type RunPair } from "@/api/past";
import { useRuns } from "@/api/queries";
import type { RunSummary } from "@/api/types";
import { Canvas } from "@/canvas/Canvas";
import { useShown } from "@/canvas/shown";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { StatusText } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { Duration } from "@/ui/Times";
import { useCatalogue } from "../editor/useCatalogue";
import { Missing, missingOf } from "../Missing";
import { Waiting } from "../Pages";
import style from "./ComparePage.module.css";
import { countOfDiffering, differenceOf, worthOf } from "./steps";
import { StepsBeside } from "./StepsBeside";
import { ValuesBeside } from "./ValuesBeside";

const documentOf = (run: string) => ({
  queryKey: ["run", run, "document"],
  queryFn: async () => (await get<{ document: FlowDocument }>(`/api/runs/${run}/document/`)).document,
  staleTime: Infinity,
});

export default function ComparePage({ left, right }: { left: string; right: string }) {
  const pair = useQuery({ queryKey: ["runs", "compared", left, right], queryFn: () => past.compare(left, right) });
  const before = useQuery(documentOf(left));
  const after = useQuery(documentOf(right));
  const types = useCatalogue();
  const missing = missingOf(["app.part.comparison", pair], ["app.part.run", before], ["app.part.run", after], ["app.part.types", types]);
  if (missing !== null) return <Missing part={missing} />;
  if (pair.data === undefined || before.data === undefined || after.data === undefined || types.data === undefined) return <Waiting />;
  return <Compared pair={pair.data} before={before.data} after={after.data} />;
}

function Compared({ pair, before, after }: { pair: RunPair; before: FlowDocument; after: FlowDocument }) {
  const text = useText();
  const [params, setParams] = useSearchParams();
  const onlyDiffering = params.get("all") === null;
  const chosen = params.get("step");
  const set = (name: string, value: string | null): void =>
    setParams(
      (was) => {
        const next = new URLSearchParams(was);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  useOnCanvas(pair, before, after);
  useEffect(
    () =>
      useEditor.subscribe(({ selection }, was) => {
        const node = selection.nodes[0];
        if (selection !== was.selection && node !== undefined && pair.steps.some(({ key }) => key === node)) set("step", node);
      }),
    // What sets the address stays the same by what it does.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [pair],
  );
  const isDrawn = useEditor((state) => state.flow?.id === pair.right.flow && state.readOnly);
  const count = countOfDiffering(pair);
  const steps = onlyDiffering ? pair.steps.filter((step) => worthOf(step).length > 0) : pair.steps;
  const shown = pair.steps.find(({ key }) => key === chosen) ?? null;
  return (
    <div className={style.page}>
      <Head pair={pair} />
      <Moved run={pair.left} moves={pair.left_moves} />
      <Moved run={pair.right} moves={pair.right_moves} />
      <div className={style.canvas}>{isDrawn && <Canvas />}</div>
      <section className={style.lower} aria-label={text("timetravel.compare.steps")}>
        <div className={style.left}>
          <div className={style.bar}>
            <h2>{count === 0 ? text("timetravel.compare.none") : text("timetravel.compare.count", { count })}</h2>
            <Checkbox label={text("timetravel.compare.onlyDiffering")} checked={onlyDiffering} onChange={(event) => set("all", event.currentTarget.checked ? null : "1")} />
          </div>
          <StepsBeside pair={pair} before={before} steps={steps} chosen={chosen} onStep={(key) => set("step", key)} />
        </div>
        <ValuesBeside pair={pair} step={shown} />
      </section>
    </div>
  );
}

function Head({ pair }: { pair: RunPair }) {
  const text = useText();
  const [, go] = useLocation();
  const recent = useRuns({ flow: pair.right.flow, limit: 50 });
  const listed = recent.data?.results ?? [];
  const known = [pair.left, pair.right].filter((run) => !listed.some(({ id }) => id === run.id));
  const options = [...listed, ...known].map((run) => ({ value: run.id, label: labelOf(run, text("timetravel.compare.draft"), text(`common.status.${run.status}`)) }));
  const pick = (side: "left" | "right", run: string | null): void => {
    if (run !== null) go(side === "left" ? `/compare/${run}/${pair.right.id}` : `/compare/${pair.left.id}/${run}`);
  };
  return (
    <header className={style.head}>
      <Link href={`/runs?flow=${pair.right.flow}`} className={style.crumb}>
        {text("app.nav.runs")}
      </Link>
      <span aria-hidden className={style.crumb}>
        /
      </span>
      <h1>{text("timetravel.compare.title", { flow: pair.right.flow_name ?? "" })}</h1>
      <span className={style.grow} />
      <Side run={pair.left} label={text("timetravel.compare.left")} options={options} onPick={(run) => pick("left", run)} />
      <Tooltip label={text("timetravel.compare.swap")}>
        <ActionIcon aria-label={text("timetravel.compare.swap")} onClick={() => go(`/compare/${pair.right.id}/${pair.left.id}`)}>
          <IconArrowsExchange size={17} />
        </ActionIcon>
      </Tooltip>
      <Side run={pair.right} label={text("timetravel.compare.right")} options={options} onPick={(run) => pick("right", run)} />
    </header>
  );
}

/** Says that a run went by another version before: the canvas is drawn by the one of now, each step tells its own. */
function Moved({ run, moves }: { run: RunSummary; moves: readonly Move[] }) {
  const text = useText();
  const [first] = moves;
  if (first === undefined) return null;
  const way = [first.was_version, ...moves.map(({ version }) => version)].map((version) => `v${version}`).join(" → ");
  return (
    <p className={style.moved} role="note">
      {text("timetravel.compare.moved", { number: run.number ?? "", way })}
    </p>
  );
}

const labelOf = (run: RunSummary, draft: string, status: string): string => `#${run.number ?? ""} · ${run.version === null ? draft : `v${run.version}`} · ${status}`;

function Side({ run, label, options, onPick }: { run: RunSummary; label: string; options: { value: string; label: string }[]; onPick: (run: string | null) => void }) {
  return (
    <div className={style.side}>
      <Select aria-label={label} size="xs" w={170} searchable allowDeselect={false} data={options} value={run.id} onChange={onPick} />
      <span className={style.facts}>
        <StatusText status={run.status} size={14} />
        <Duration from={run.started_at} to={run.finished_at} />
        <Link href={`/runs/${run.id}`}>
          <Tag>{`#${run.number ?? ""}`}</Tag>
        </Link>
      </span>
    </div>
  );
}

/** Draws both runs on the canvas as one for as long as this stands: the right one's path, and how each node stood in each. */
function useOnCanvas(pair: RunPair, before: FlowDocument, after: FlowDocument): void {
  const text = useText();
  const marks = useMemo(
    () =>
      new Map(
        pair.steps.map((step) => {
          const worth = worthOf(step);
          const said = worth.map((each) => text(`timetravel.compare.what.${each}` as "timetravel.compare.what.status")).join(", ");
          return [step.key, { left: step.left?.status ?? null, right: step.right?.status ?? null, differs: worth.length > 0, said }];
        }),
      ),
    [pair, text],
  );
  useEffect(() => {
    useEditor.getState().open({ id: pair.right.flow, name: pair.right.flow_name ?? "", document: after, readOnly: true });
    useRun.getState().follow(pair.right.id);
    if (!pair.is_same_document) useView.getState().compare({ before, after, difference: differenceOf(before, after) });
    return () => {
      useView.getState().compare(null);
      useRun.getState().leave();
      useEditor.getState().close();
    };
    // The same two runs are drawn once, whatever is read anew about them.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [pair.left.id, pair.right.id, before, after]);
  useEffect(() => {
    useShown.setState({ pairs: marks });
    return () => useShown.setState({ pairs: null });
  }, [marks]);
}
