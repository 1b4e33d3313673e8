import { Button, Checkbox } from "@mantine/core";
import { IconListCheck, IconRefresh, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { cursorOf, useMay } from "@/api/account";
import { deadItems, operationKeys, type FailedItems } from "@/api/operations";
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

/** Items that steps went on without: run again, or dismissed. */
export function ItemsPanel() {
  const text = useText();
  const fault = useFault();
  const client = useQueryClient();
  const mayStart = useMay("runs:start");
  const maySteer = useMay("runs:steer");
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useInfiniteQuery({ queryKey: operationKeys.deadItems, queryFn: ({ pageParam }) => deadItems.list(pageParam || undefined), initialPageParam: "", getNextPageParam: (page) => cursorOf(page.next) });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const all = found.map((one) => one.id);
  const chosen = all.filter((id) => marked.has(id));
  const mark = (ids: string[], on: boolean): void => setMarked((before) => new Set(on ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id))));
  const settle = async (): Promise<void> => {
    setMarked(new Set());
    await client.invalidateQueries({ queryKey: operationKeys.deadItems });
  };
  const retry = (): Promise<void> =>
    told(async () => {
      const { retried, refused } = await deadItems.retry(chosen);
      const first = refused[0];
      tell(first === undefined ? text("messages.items.retried", { count: retried.length }) : text("messages.items.refused", { count: refused.length, reason: first.message }));
      await settle();
    });
  const dismiss = (): Promise<void> =>
    told(async () => {
      const { dismissed } = await deadItems.dismiss(chosen);
      tell(text("messages.items.dismissed", { count: dismissed }));
      await settle();
    });
  const columns: Column<FailedItems>[] = [
    {
      key: "mark",
      width: "44px",
      head: <Checkbox size="xs" aria-label={text("messages.items.markAll")} checked={chosen.length === all.length} indeterminate={chosen.length > 0 && chosen.length < all.length} onChange={(event) => mark(all, event.currentTarget.checked)} />,
      cell: (one) => <Checkbox size="xs" aria-label={text("messages.items.mark", { number: one.number })} checked={marked.has(one.id)} onChange={(event) => mark([one.id], event.currentTarget.checked)} />,
    },
    {
      key: "run",
      head: text("messages.items.run"),
      width: "240px",
      cell: (one) => (
        <Link href={`/runs/${one.run}?tab=steps&step=${encodeURIComponent(one.step)}`}>
          {one.flow_name} <span style={{ color: "var(--ink-2)", fontWeight: 400 }}>{`#${one.number}`}</span>
        </Link>
      ),
    },
    { key: "step", head: text("messages.items.step"), width: "150px", wide: true, cell: (one) => <code>{one.step}</code> },
    { key: "failed", head: text("messages.items.failed"), width: "110px", cell: (one) => text("messages.items.of", { failed: one.failed, count: one.count }) },
    { key: "why", head: text("messages.items.why"), cell: (one) => fault(one.message) || "–" },
    { key: "when", head: text("messages.items.when"), width: "130px", wide: true, cell: (one) => <RelativeTime at={one.created_at} /> },
  ];
  if (isUnread(list, found.length === 0)) return <Unread what={text("messages.items.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  if (found.length === 0) {
    return (
      <EmptyState icon={<IconListCheck size={22} />} title={text("messages.items.none")}>
        {text("messages.items.noneHelp")}
      </EmptyState>
    );
  }
  return (
    <>
      <div className={style.toolbar}>
        {mayStart && (
          <Button size="sm" variant="filled" leftSection={<IconRefresh size={15} />} disabled={chosen.length === 0} onClick={() => void retry()}>
            {text("messages.items.retry")}
          </Button>
        )}
        {maySteer && (
          <Button size="sm" leftSection={<IconX size={15} />} disabled={chosen.length === 0} onClick={() => void dismiss()}>
            {text("messages.items.dismiss")}
          </Button>
        )}
        <span style={{ color: "var(--ink-2)" }}>{text("messages.items.chosen", { count: chosen.length })}</span>
      </div>
      <DataTable label={text("messages.items.title")} rows={found} columns={columns} />
      <More list={list} />
    </>
  );
}
