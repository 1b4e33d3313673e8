import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "wouter";
import { useMay } from "@/api/account";
import { jobKeys, jobs, type Job, type JobAction } from "@/api/jobs";
import { useText } from "@/i18n";
import { RelativeTime } from "@/ui/Times";
import { told } from "../../told";
import own from "./runs.module.css";

const SOON = 1_000;
const LATER = 15_000;
const RECENT = 120_000;

/** Jobs that are going on, and those that ended a moment ago; looked at every second while one goes on. */
export function JobsStrip() {
  const text = useText();
  const client = useQueryClient();
  const list = useQuery({
    queryKey: jobKeys.list,
    queryFn: () => jobs.list(),
    refetchInterval: (query) => (query.state.data?.results.some((job) => job.status === "running") ? SOON : LATER),
  });
  const shown = (list.data?.results ?? []).filter((job) => job.status === "running" || (job.finished_at !== null && list.dataUpdatedAt - new Date(job.finished_at).getTime() < RECENT));
  const going = shown.filter((job) => job.status === "running").length;
  // When one ends, the list of runs shows what became of them.
  useEffect(() => void client.invalidateQueries({ queryKey: ["runs"] }), [client, going]);
  if (shown.length === 0) return null;
  return (
    <section className={own.jobs} aria-label={text("jobs.list")}>
      {shown.slice(0, 5).map((job) => (
        <div key={job.id} className={own.job} data-testid="job">
          <span>
            <Link href={`/jobs/${job.id}`}>{text(`jobs.name.${job.action as JobAction}`, { count: job.total })}</Link> <span style={{ color: "var(--ink-2)" }}>{jobSaid(text, job)}</span>
          </span>
          {job.status === "running" ? <StopButton job={job} /> : <RelativeTime at={job.finished_at} />}
          <JobBar job={job} />
        </div>
      ))}
    </section>
  );
}

export function JobBar({ job }: { job: Job }) {
  const text = useText();
  const share = (count: number): string => `${job.total === 0 ? 0 : (100 * count) / job.total}%`;
  return (
    <span className={own.bar} role="progressbar" aria-label={text("jobs.progress")} aria-valuemin={0} aria-valuemax={job.total} aria-valuenow={job.done + job.refused}>
      <i style={{ width: share(job.done) }} />
      <i style={{ width: share(job.refused) }} />
    </span>
  );
}

export function StopButton({ job }: { job: Job }) {
  const text = useText();
  const client = useQueryClient();
  const may = useMay("runs:steer");
  if (!may || job.status !== "running") return null;
  const stop = (): Promise<void> =>
    told(async () => {
      await jobs.stop(job.id);
      await client.invalidateQueries({ queryKey: jobKeys.list });
    });
  return (
    <Button size="xs" onClick={() => void stop()}>
      {text("jobs.stop")}
    </Button>
  );
}

/** How a job stands, in a line. */
export function jobSaid(text: ReturnType<typeof useText>, job: Job): string {
  const parts = [text("jobs.standing", { done: job.done, total: job.total })];
  if (job.refused > 0) parts.push(text("jobs.refusedCount", { count: job.refused }));
  if (job.status === "stopped") parts.push(job.stopped_by === "mulgil" ? text("jobs.stoppedItself") : text("jobs.stoppedBy", { by: job.stopped_by }));
  return parts.join(" · ");
}
