import { Button, Checkbox } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { cursorOf, useMay } from "@/api/account";
import { runs } from "@/api/calls";
import { useEnvironmentName } from "@/api/environments";
import { counts, jobKeys } from "@/api/jobs";
import type { RunStatus, RunSummary } from "@/api/types";
import { useText } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { StatusText } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { Duration, RelativeTime } from "@/ui/Times";
import { instantText } from "@/ui/time";
import { isUnread, Unread } from "@/ui/Unread";
import { useRowKeys } from "@/ui/useRowKeys";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { JobsStrip } from "./runs/JobsStrip";
import { RunsActions } from "./runs/RunsActions";
import { RunsFilters } from "./runs/RunsFilters";
import own from "./runs/runs.module.css";
import { asked, useRunsFilter } from "./runs/useRunsFilter";
import { useRunsFeed } from "./useRunsFeed";

/** Runs of all flows, newest first: filtered, chosen, and dealt with many at a time. */
export default function RunsPage() {
  const text = useText();
  const [, go] = useLocation();
  const filter = useRunsFilter();
  const { said, wanted } = filter;
  const environmentOf = useEnvironmentName();
  const maySteer = useMay("runs:steer");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  useRunsFeed(said.flow);
  const list = useInfiniteQuery({
    queryKey: ["runs", "page", wanted],
    queryFn: ({ pageParam }) => runs.list({ ...asked(wanted), limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
    // While one types, what was found by the letters before stands; where anything else was chosen nothing does.
    placeholderData: (before, last) => (isSameBut(last?.queryKey[2], wanted) ? before : undefined),
  });
  const { looked_back_to: lookedBack, keys_looked_back_to: keysBack } = list.data?.pages[0] ?? {};
  const matching = useMatching(wanted, isAll || chosen.size > 0);
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const all = found.map((run) => run.id);
  const choose = (some: readonly RunSummary[], on: boolean): void => {
    setAll(false);
    setChosen((before) => new Set(on ? [...before, ...some.map((run) => run.id)] : [...before].filter((id) => !some.some((run) => run.id === id))));
  };
  const clear = (): void => {
    setAll(false);
    setChosen(new Set());
  };
  const flows = new Set(found.filter((run) => chosen.has(run.id)).map((run) => run.flow));
  const flow = said.flow ?? (!isAll && flows.size === 1 ? [...flows][0] : undefined) ?? null;
  const isMarked = (run: RunSummary): boolean => isAll || chosen.has(run.id);
  const columns: Column<RunSummary>[] = [
    { key: "status", head: text("runspage.status"), width: "128px", cell: (run) => <StatusText status={run.status} /> },
    {
      key: "run",
      head: text("runspage.run"),
      cell: (run) => (
        <Link href={`/runs/${run.id}`} className={own.run}>
          <span className={own.flow}>{run.flow_name ?? ""}</span> <span className={own.number}>{`#${run.number ?? ""}`}</span>
        </Link>
      ),
    },
    { key: "version", head: text("runspage.version"), width: "76px", wide: true, cell: (run) => <Tag>{run.version === null ? text("runspage.draft") : `v${run.version}`}</Tag> },
    { key: "environment", head: text("environments.runs.environment"), width: "112px", wide: true, cell: (run) => <Tag>{environmentOf(run.environment)}</Tag> },
    { key: "error", head: text("jobs.filter.error"), width: "132px", wide: true, cell: (run) => (run.error ? <code>{run.error.code}</code> : "–") },
    { key: "trigger", head: text("runspage.startedBy"), width: "112px", wide: true, cell: (run) => run.started_by ?? run.trigger ?? "–" },
    { key: "began", head: text("runspage.began"), width: "116px", wide: true, cell: (run) => <RelativeTime at={run.started_at ?? run.created_at} /> },
    { key: "took", head: text("runspage.took"), width: "84px", align: "end", cell: (run) => <Duration from={run.started_at} to={run.finished_at} /> },
  ];
  if (maySteer) {
    const marked = all.filter((id) => chosen.has(id)).length;
    columns.unshift({
      key: "mark",
      width: "40px",
      head: <Checkbox size="xs" aria-label={text("jobs.markAll")} checked={isAll || (all.length > 0 && marked === all.length)} indeterminate={!isAll && marked > 0 && marked < all.length} onChange={(event) => choose(found, event.currentTarget.checked)} />,
      cell: (run) => <Checkbox size="xs" tabIndex={-1} aria-label={text("jobs.mark", { number: run.number ?? "" })} checked={isMarked(run)} onChange={(event) => choose([run], event.currentTarget.checked)} />,
    });
  }
  const everything =
    Object.keys(said).length > 0 ? (
      <Button size="sm" onClick={() => filter.replace({})}>
        {text("runspage.all")}
      </Button>
    ) : undefined;
  const keys = useRowKeys(found, { chosen: maySteer ? (isAll ? new Set(all) : chosen) : NONE, choose: maySteer ? choose : nothing, open: (run: RunSummary) => go(`/runs/${run.id}`), clear });
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text("runspage.title")}</h1>
      </header>
      <RunsFilters filter={filter} />
      <JobsStrip />
      {(isAll || chosen.size > 0) && <RunsActions chosen={chosen} isAll={isAll} matching={matching} filter={() => asked(wanted)} flow={flow} onAll={() => setAll(true)} onClear={clear} />}
      {isUnread(list, found.length === 0) ? (
        <>
          <Unread what={text("runspage.title")} asked={list} />
          {everything !== undefined && <div className={own.back}>{everything}</div>}
        </>
      ) : list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState
          icon={<IconHistory size={24} />}
          title={wanted.q !== undefined ? text("runspage.noneWith", { words: wanted.q }) : text(Object.keys(wanted).length > 0 ? "runspage.noneFound" : "runspage.none")}
          action={everything}
        >
          {text(wanted.q === undefined ? "runspage.noneHelp" : Object.keys(wanted).length > 1 ? "runspage.searchedWithin" : "runspage.searched")}
        </EmptyState>
      ) : (
        <>
          <DataTable label={text("runspage.title")} rows={found} columns={columns} keys={keys} />
          <p className={own.keys}>{text("jobs.keys")}</p>
          <More list={list} />
        </>
      )}
      {(lookedBack ?? keysBack) && (
        <p className={own.back}>
          {lookedBack && text("runspage.lookedBack", { at: instantText(lookedBack) })} {keysBack && text("runspage.keysBack", { at: instantText(keysBack) })}{" "}
          {said.flow === undefined && text("runspage.lookFurther")}
        </p>
      )}
    </div>
  );
}

/** Whether two filters differ in the words typed alone. */
const isSameBut = (one: unknown, other: object): boolean => JSON.stringify({ ...(one as object), q: "" }) === JSON.stringify({ ...other, q: "" });

const NONE: ReadonlySet<string> = new Set();
const nothing = (): void => undefined;

/** How many runs the filter means, from the counts that stand beside its statuses; null where they don't tell. */
function useMatching(said: ReturnType<typeof useRunsFilter>["said"], isAsked: boolean): number | null {
  const { status, code, ...rest } = said;
  const counted = useQuery({ queryKey: jobKeys.counts(rest), queryFn: () => counts(asked(rest)), enabled: isAsked }).data;
  if (counted === undefined || !counted.is_all) return null;
  if (code !== undefined) return counted.codes.find((each) => each.code === code)?.count ?? null;
  const wanted = status?.split(",") as RunStatus[] | undefined;
  const told = wanted?.map((each) => counted.statuses[each] ?? 0) ?? Object.values(counted.statuses);
  return told.reduce((sum, each) => sum + each, 0);
}
