import { IconListCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { cursorOf } from "@/api/account";
import { jobKeys, jobs, type Job, type JobAction } from "@/api/jobs";
import { useText } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { jobSaid } from "./runs/JobsStrip";

/** Everything that was done to many runs at once: what, how far, by whom, when. */
export function JobsPanel() {
  const text = useText();
  const list = useInfiniteQuery({ queryKey: [...jobKeys.list, "all"], queryFn: ({ pageParam }) => jobs.list(pageParam || undefined), initialPageParam: "", getNextPageParam: (page) => cursorOf(page.next), refetchInterval: 3_000 });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const columns: Column<Job>[] = [
    { key: "what", head: text("jobs.what"), cell: (job) => <Link href={`/jobs/${job.id}`}>{text(`jobs.name.${job.action as JobAction}`, { count: job.total })}</Link> },
    { key: "standing", head: text("jobs.standingHead"), cell: (job) => jobSaid(text, job) },
    { key: "who", head: text("jobs.who"), width: "150px", wide: true, cell: (job) => job.by },
    { key: "when", head: text("jobs.when"), width: "140px", wide: true, cell: (job) => <RelativeTime at={job.created_at} /> },
  ];
  if (isUnread(list, found.length === 0)) return <Unread what={text("jobs.list")} asked={list} />;
  if (list.isPending) return <Waiting />;
  if (found.length === 0) {
    return (
      <EmptyState icon={<IconListCheck size={22} />} title={text("jobs.none")}>
        {text("jobs.noneHelp")}
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable label={text("jobs.list")} rows={found} columns={columns} />
      <More list={list} />
    </>
  );
}
