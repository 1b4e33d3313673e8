import { Button, Checkbox } from "@mantine/core";
import { IconMailCheck, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { cursorOf, useMay } from "@/api/account";
import { letters, operationKeys } from "@/api/operations";
import type { RunSummary } from "@/api/types";
import { useText } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { tell, told } from "../told";

/** Failed runs that nobody has dealt with: run again from the step that failed, one or many, or dismissed. */
export function LettersPanel() {
  const text = useText();
  const fault = useFault();
  const client = useQueryClient();
  const mayStart = useMay("runs:start");
  const maySteer = useMay("runs:steer");
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useInfiniteQuery({ queryKey: operationKeys.letters, queryFn: ({ pageParam }) => letters.list(pageParam || undefined), initialPageParam: "", getNextPageParam: (page) => cursorOf(page.next) });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const chosen = found.filter((run) => marked.has(run.id)).map((run) => run.id);
  const mark = (runs: string[], on: boolean): void => setMarked((before) => new Set(on ? [...before, ...runs] : [...before].filter((run) => !runs.includes(run))));
  const settle = async (): Promise<void> => {
    setMarked(new Set());
    await client.invalidateQueries({ queryKey: operationKeys.letters });
  };
  const retry = (): Promise<void> =>
    told(async () => {
      const { retried, refused } = await letters.retry(chosen);
      const first = refused[0];
      tell(first === undefined ? text("jobs.letters.retried", { count: retried.length }) : text("jobs.letters.refused", { count: refused.length, reason: first.message }));
      await settle();
    });
  const dismiss = (): Promise<void> =>
    told(async () => {
      const { dismissed } = await letters.dismiss(chosen);
      tell(text("jobs.letters.dismissed", { count: dismissed }));
      await settle();
    });
  const all = found.map((run) => run.id);
  const columns: Column<RunSummary>[] = [
    {
      key: "mark",
      width: "44px",
      head: <Checkbox size="xs" aria-label={text("jobs.letters.markAll")} checked={chosen.length === all.length} indeterminate={chosen.length > 0 && chosen.length < all.length} onChange={(event) => mark(all, event.currentTarget.checked)} />,
      cell: (run) => <Checkbox size="xs" aria-label={text("jobs.letters.mark", { number: run.number ?? "" })} checked={marked.has(run.id)} onChange={(event) => mark([run.id], event.currentTarget.checked)} />,
    },
    {
      key: "run",
      head: text("jobs.letters.run"),
      width: "240px",
      cell: (run) => (
        <Link href={`/runs/${run.id}`}>
          {run.flow_name ?? ""} <span style={{ color: "var(--ink-2)", fontWeight: 400 }}>{`#${run.number ?? ""}`}</span>
        </Link>
      ),
    },
    { key: "step", head: text("jobs.letters.step"), width: "150px", wide: true, cell: (run) => <code>{run.error?.step ?? "–"}</code> },
    { key: "why", head: text("jobs.letters.why"), cell: (run) => (run.error ? fault(run.error.message) : "–") },
    { key: "when", head: text("jobs.letters.when"), width: "130px", wide: true, cell: (run) => <RelativeTime at={run.finished_at ?? run.created_at} /> },
  ];
  if (isUnread(list, found.length === 0)) return <Unread what={text("jobs.letters.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  if (found.length === 0) {
    return (
      <EmptyState icon={<IconMailCheck size={22} />} title={text("jobs.letters.none")}>
        {text("jobs.letters.noneHelp")}
      </EmptyState>
    );
  }
  return (
    <>
      <div className={style.toolbar}>
        {mayStart && (
          <Button size="sm" variant="filled" leftSection={<IconPlayerPlay size={15} />} disabled={chosen.length === 0} onClick={() => void retry()}>
            {text("jobs.letters.retry")}
          </Button>
        )}
        {maySteer && (
          <Button size="sm" leftSection={<IconX size={15} />} disabled={chosen.length === 0} onClick={() => void dismiss()}>
            {text("jobs.letters.dismiss")}
          </Button>
        )}
        <span style={{ color: "var(--ink-2)" }}>{text("jobs.letters.chosen", { count: chosen.length })}</span>
      </div>
      <DataTable label={text("jobs.letters.title")} rows={found} columns={columns} />
      <More list={list} />
    </>
  );
}
