import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { cursorOf } from "@/api/account";
import { jobKeys, jobs, type JobAction, type JobResult } from "@/api/jobs";
import { useFlows } from "@/api/queries";
import { useText, type TextKey } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { More } from "@/ui/More";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { instantText } from "@/ui/time";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../../app.module.css";
import { Waiting } from "../../Pages";
import { JobBar, jobSaid, StopButton } from "./JobsStrip";
import own from "./runs.module.css";

const OUTCOMES = ["", "done", "refused", "pending"] as const;

/** One job: who asked for what, how far it is, and what came of each run. */
export default function JobPage({ id }: { id: string }) {
  const text = useText();
  const [outcome, setOutcome] = useState("");
  const found = useQuery({ queryKey: jobKeys.one(id), queryFn: () => jobs.read(id), refetchInterval: (query) => (query.state.data?.status === "running" ? 1_000 : false) });
  const job = found.data;
  const seen = job === undefined ? 0 : job.done + job.refused;
  const list = useInfiniteQuery({
    queryKey: [...jobKeys.results(id, outcome), seen],
    queryFn: ({ pageParam }) => jobs.results(id, outcome, pageParam || undefined),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
    placeholderData: (before) => before,
  });
  const asked = useAsked(job?.filter ?? {});
  if (isUnread(found)) {
    return (
      <div className={style.page}>
        <Unread what={text("jobs.what")} asked={found} />
      </div>
    );
  }
  if (job === undefined) return <Waiting />;
  const results = (list.data?.pages.flatMap((page) => page.results) ?? []).map((each) => ({ ...each, id: each.run }));
  const columns: Column<JobResult & { id: string }>[] = [
    { key: "run", head: text("runspage.run"), width: "130px", cell: (each) => <Link href={`/runs/${each.run}`}>{`#${each.number}`}</Link> },
    { key: "outcome", head: text("jobs.outcome.label"), width: "130px", cell: (each) => <Tag hue={HUES[each.outcome]}>{text(`jobs.outcome.${each.outcome as "done" | "refused" | "pending"}`)}</Tag> },
    { key: "why", head: text("jobs.outcome.why"), cell: (each) => (each.made === null ? each.message || "–" : <Link href={`/runs/${each.made}`}>{text("jobs.made")}</Link>) },
  ];
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text(`jobs.name.${job.action as JobAction}`, { count: job.total })}</h1>
        <StopButton job={job} />
      </header>
      <JobBar job={job} />
      <div className={own.facts} aria-live="polite" data-testid="job-facts">
        <b>{jobSaid(text, job)}</b>
        <span>{text("jobs.by", { by: job.by })}</span>
        <RelativeTime at={job.created_at} />
        <span>{asked}</span>
      </div>
      <div className={style.toolbar}>
        <SegmentedControl aria-label={text("jobs.outcome.label")} value={outcome} onChange={setOutcome} data={OUTCOMES.map((each) => ({ value: each, label: text(`jobs.outcome.${each === "" ? "all" : each}`) }))} />
      </div>
      {isUnread(list, results.length === 0) ? <Unread what={text("jobs.results")} asked={list} /> : list.isPending ? <Waiting /> : <DataTable label={text("jobs.results")} rows={results} columns={columns} />}
      <More list={list} />
    </div>
  );
}

const HUES: Record<string, "ok" | "bad"> = { done: "ok", refused: "bad" };

/** What the runs were chosen by, in words. */
function useAsked(filter: Record<string, unknown>): string {
  const text = useText();
  const flows = useFlows().data?.results ?? [];
  const said = (name: string): string => String(filter[name]);
  if (filter["runs"] !== undefined) return text("jobs.asked.named");
  const parts: string[] = [];
  if (filter["q"] !== undefined) parts.push(`“${said("q")}”`);
  if (filter["flow"] !== undefined) parts.push(flows.find((flow) => flow.id === filter["flow"])?.name ?? said("flow"));
  if (filter["version"] !== undefined) parts.push(`v${said("version")}`);
  if (filter["status"] !== undefined) parts.push(said("status").split(",").map((status) => text(`common.status.${status}` as TextKey)).join(", "));
  if (filter["environment"] !== undefined) parts.push(said("environment"));
  if (filter["code"] !== undefined) parts.push(said("code"));
  if (filter["since"] !== undefined) parts.push(text("jobs.asked.since", { at: instantText(said("since")) }));
  if (filter["until"] !== undefined) parts.push(text("jobs.asked.until", { at: instantText(said("until")) }));
  return parts.join(" · ");
}
