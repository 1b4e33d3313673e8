import { Button, MultiSelect, Select } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { cursorOf } from "@/api/account";
import { runs } from "@/api/calls";
import { useFlows } from "@/api/queries";
import type { RunSummary } from "@/api/types";
import { useText } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { StatusText } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { Duration, RelativeTime } from "@/ui/Times";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { useRunsFeed } from "./useRunsFeed";

const STATUSES = ["queued", "running", "waiting", "paused", "compensating", "succeeded", "failed", "cancelled"] as const;

/** Runs of all flows, newest first. The filters stand in the address, so a view can be shared. */
export default function RunsPage() {
  const text = useText();
  const [params, setParams] = useSearchParams();
  const flow = params.get("flow");
  const status = (params.get("status") ?? "").split(",").filter(Boolean);
  useRunsFeed(flow ?? undefined);
  const flows = useFlows();
  const list = useInfiniteQuery({
    queryKey: ["runs", "page", { flow, status }],
    queryFn: ({ pageParam }) => runs.list({ ...(flow ? { flow } : {}), status, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });
  const filter = (name: string, value: string | null): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const columns: Column<RunSummary>[] = [
    { key: "status", head: text("pages.runs.status"), width: "150px", cell: (run) => <StatusText status={run.status} /> },
    {
      key: "run",
      head: text("pages.runs.run"),
      cell: (run) => (
        <Link href={`/runs/${run.id}`}>
          {run.flow_name ?? ""} <span style={{ color: "var(--ink-2)", fontWeight: 400 }}>{`#${run.number ?? ""}`}</span>
        </Link>
      ),
    },
    { key: "version", head: text("pages.runs.version"), width: "110px", wide: true, cell: (run) => <Tag>{run.version === null ? text("pages.runs.draft") : `v${run.version}`}</Tag> },
    { key: "trigger", head: text("pages.runs.startedBy"), width: "150px", wide: true, cell: (run) => run.started_by ?? run.trigger ?? "–" },
    { key: "began", head: text("pages.runs.began"), width: "150px", wide: true, cell: (run) => <RelativeTime at={run.started_at ?? run.created_at} /> },
    { key: "took", head: text("pages.runs.took"), width: "110px", align: "end", cell: (run) => <Duration from={run.started_at} to={run.finished_at} /> },
  ];
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text("pages.runs.title")}</h1>
      </header>
      <div className={style.toolbar}>
        <Select
          aria-label={text("pages.runs.flow")}
          placeholder={text("pages.runs.everyFlow")}
          size="sm"
          clearable
          searchable
          style={{ width: 240 }}
          data={(flows.data?.results ?? []).map((each) => ({ value: each.id, label: each.name }))}
          value={flow}
          onChange={(next) => filter("flow", next)}
        />
        <MultiSelect
          aria-label={text("pages.runs.status")}
          {...(status.length === 0 ? { placeholder: text("pages.runs.everyStatus") } : {})}
          size="sm"
          clearable
          style={{ minWidth: 240 }}
          data={STATUSES.map((each) => ({ value: each, label: text(`common.status.${each}`) }))}
          value={status}
          onChange={(next) => filter("status", next.join(","))}
        />
      </div>
      {list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState icon={<IconHistory size={24} />} title={text(flow || status.length > 0 ? "pages.runs.noneFound" : "pages.runs.none")}>
          {text("pages.runs.noneHelp")}
        </EmptyState>
      ) : (
        <>
          <DataTable label={text("pages.runs.title")} rows={found} columns={columns} />
          {list.hasNextPage && (
            <Button mt="md" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {text("common.action.showMore")}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
