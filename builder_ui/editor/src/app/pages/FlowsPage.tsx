import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconSitemap, IconTemplate } from "@tabler/icons-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { useMay } from "@/api/account";
import { useFlowPages } from "@/api/flowPages";
import { useRuns } from "@/api/queries";
import type { Flow, LastRun as LastRunMark, RunSummary } from "@/api/types";
import { useText, withWords } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { StatusIcon } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { useRowKeys } from "@/ui/useRowKeys";
import { useSlash } from "@/ui/useSlash";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { stillHere } from "../stillHere";
import { told } from "../told";
import { FlowMenu } from "./FlowMenu";
import { createFlow } from "./flowActions";
import { ImportFlows } from "./ImportFlows";
import { useFilter } from "./useFilter";
import { useRunsFeed } from "./useRunsFeed";

const TagFilter = lazy(() => withWords(import("./FlowTags")).then((part) => ({ default: part.TagFilter })));
const KeptFilters = lazy(() => withWords(import("./KeptFilters")).then((part) => ({ default: part.KeptFilters })));
const FlowsActions = lazy(() => withWords(import("./FlowsActions")).then((part) => ({ default: part.FlowsActions })));
const WORDS = ["q", "tag", "archived"] as const;

/** All flows of the workspace: found, opened, made, brought in. */
export function FlowsPage() {
  const text = useText();
  const [, go] = useLocation();
  const mayWrite = useMay("flows:write");
  const filter = useFilter(WORDS);
  const search = useSlash();
  const { q: typed = "", tag = "" } = filter.said;
  const isArchived = filter.said.archived === "true";
  const isFiltered = typed.trim() !== "" || tag !== "";
  const [wanted] = useDebouncedValue(typed.trim(), 200);
  const list = useFlowPages({ q: wanted, archived: isArchived, ...(tag === "" ? {} : { tag }) });
  const last = useLastRuns();
  const flows = useMemo(() => list.data?.pages.flatMap((page) => page.results) ?? [], [list.data]);
  const { chosen, choose, clear } = useChosen();
  const marked = flows.filter((flow) => chosen.has(flow.id));
  const keys = useRowKeys(flows, { chosen, choose: mayWrite ? choose : nothing, open: (flow: Flow) => go(`/flows/${flow.id}`), clear });
  const make = (): Promise<void> =>
    told(async () => {
      const isHere = stillHere();
      const made = await createFlow(text("pages.flows.newName"));
      if (isHere()) go(`/flows/${made.id}`);
    });
  const columns: Column<Flow>[] = [
    { key: "name", head: text("pages.flows.name"), cell: (flow) => <Name flow={flow} /> },
    { key: "last", head: text("pages.flows.lastRun"), width: "190px", cell: (flow) => <LastRun run={last.get(flow.id) ?? flow.last_run ?? undefined} /> },
    { key: "version", head: text("pages.flows.live"), width: "150px", wide: true, cell: (flow) => <Live flow={flow} /> },
    { key: "changed", head: text("pages.flows.changed"), width: "150px", wide: true, cell: (flow) => <RelativeTime at={flow.updated_at} /> },
    { key: "menu", head: "", align: "end", width: "56px", cell: (flow) => (mayWrite ? <FlowMenu flow={flow} /> : null) },
  ];
  if (mayWrite) {
    columns.unshift({
      key: "mark",
      width: "40px",
      head: <Mark label={text("pages.flows.markAll")} checked={flows.length > 0 && marked.length === flows.length} onMark={(on) => choose(flows, on)} />,
      cell: (flow) => <Mark label={text("pages.flows.mark", { name: flow.name })} inRow checked={chosen.has(flow.id)} onMark={(on) => choose([flow], on)} />,
    });
  }
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text("pages.flows.title")}</h1>
        {mayWrite && (
          <Group gap="xs">
            <ImportFlows />
            <Button size="sm" component={Link} href="/samples" leftSection={<IconTemplate size={16} />}>
              {text("first.samples")}
            </Button>
            <Button size="sm" variant="filled" leftSection={<IconPlus size={16} />} onClick={() => void make()}>
              {text("pages.flows.new")}
            </Button>
          </Group>
        )}
      </header>
      <div className={style.toolbar}>
        <TextInput
          ref={search}
          style={{ flex: "1 1 220px", maxWidth: 380 }}
          size="sm"
          leftSection={<IconSearch size={15} />}
          placeholder={text("pages.flows.search")}
          aria-label={text("pages.flows.search")}
          value={typed}
          onChange={(event) => filter.change({ q: event.currentTarget.value }, true)}
        />
        <SegmentedControl
          aria-label={text("pages.flows.which")}
          value={isArchived ? "archived" : "present"}
          onChange={(which) => filter.change({ archived: which === "archived" ? "true" : null })}
          data={[
            { value: "present", label: text("pages.flows.present") },
            { value: "archived", label: text("pages.flows.archived") },
          ]}
        />
        <Suspense>
          <KeptFilters of="flows" filter={filter} />
        </Suspense>
      </div>
      <Suspense>
        <TagFilter tag={tag} onTag={(next) => filter.change({ tag: next })} />
      </Suspense>
      {marked.length > 0 && (
        <Suspense>
          <FlowsActions chosen={marked} isArchived={isArchived} onClear={clear} />
        </Suspense>
      )}
      {isUnread(list, flows.length === 0) ? (
        <Unread what={text("pages.flows.title")} asked={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : flows.length === 0 ? (
        <EmptyState
          icon={<IconSitemap size={24} />}
          title={text(isFiltered ? "pages.flows.noneFound" : isArchived ? "pages.flows.noneArchived" : "pages.flows.none")}
          action={
            isFiltered ? (
              <Button size="sm" onClick={() => filter.replace({})}>
                {text("pages.flows.all")}
              </Button>
            ) : mayWrite && !isArchived ? (
              <Button size="sm" variant="filled" onClick={() => void make()}>
                {text("pages.flows.first")}
              </Button>
            ) : undefined
          }
        >
          {isFiltered || isArchived ? undefined : text("pages.flows.noneHelp")}
        </EmptyState>
      ) : (
        <>
          <DataTable label={text("pages.flows.title")} rows={flows} columns={columns} keys={keys} />
          <More list={list} />
        </>
      )}
    </div>
  );
}

const nothing = (): void => undefined;

/** Which flows have a tick. */
function useChosen() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (some: readonly Flow[], on: boolean): void =>
    setChosen((before) => new Set(on ? [...before, ...some.map((flow) => flow.id)] : [...before].filter((id) => !some.some((flow) => flow.id === id))));
  return { chosen, choose, clear: () => setChosen(new Set()) };
}

/** A box of the browser's own: in a row the keys of the list tick it. */
function Mark({ label, checked, inRow, onMark }: { label: string; checked: boolean; inRow?: boolean; onMark: (on: boolean) => void }) {
  return <input type="checkbox" className={style.mark} aria-label={label} tabIndex={inRow ? -1 : 0} checked={checked} onChange={(event) => onMark(event.currentTarget.checked)} />;
}

/** The workspace's newest runs, live; flows whose last run is older tell it themselves. */
function useLastRuns(): ReadonlyMap<string, RunSummary> {
  useRunsFeed();
  const recent = useRuns({ limit: 50 });
  return useMemo(() => {
    const found = new Map<string, RunSummary>();
    for (const run of recent.data?.results ?? []) if (!found.has(run.flow)) found.set(run.flow, run);
    return found;
  }, [recent.data]);
}

function LastRun({ run }: { run: LastRunMark | RunSummary | undefined }) {
  const text = useText();
  if (run === undefined) return <span style={{ color: "var(--ink-3)" }}>{text("pages.flows.neverRun")}</span>;
  return (
    <Link href={`/runs/${run.id}`} style={{ display: "inline-flex", gap: 8, alignItems: "center", verticalAlign: "middle", fontWeight: 400, whiteSpace: "nowrap" }}>
      <StatusIcon status={run.status} />
      <RelativeTime at={("finished_at" in run ? (run.finished_at ?? run.started_at) : null) ?? run.created_at} />
    </Link>
  );
}

function Name({ flow }: { flow: Flow }) {
  return (
    <Group gap={6}>
      <Link href={`/flows/${flow.id}`}>{flow.name}</Link>
      {flow.tags?.map((tag) => <Tag key={tag}>{tag}</Tag>)}
    </Group>
  );
}

function Live({ flow }: { flow: Flow }) {
  const text = useText();
  return (
    <Group gap={6} wrap="nowrap">
      {flow.live_version === null ? <Tag>{text("pages.flows.draftOnly")}</Tag> : <Tag hue="ok">{`v${flow.live_version}`}</Tag>}
      {flow.canary !== null && <Tag hue="wait">{text("pages.flows.canary", { version: flow.canary.version, weight: flow.canary.weight })}</Tag>}
      {!flow.active && flow.live_version !== null && <Tag>{text("pages.flows.paused")}</Tag>}
      {flow.suspended && <Tag>{text("operations.suspended.title")}</Tag>}
    </Group>
  );
}
