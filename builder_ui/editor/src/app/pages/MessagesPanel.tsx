import { Button, Checkbox, SegmentedControl } from "@mantine/core";
import { IconMailCheck, IconRefresh, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { cursorOf, useMay } from "@/api/account";
import { outbox, outboxKeys, type Delivery } from "@/api/outbox";
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

/** Published messages that were given up, or wait: sent again or dropped. */
export function MessagesPanel() {
  const text = useText();
  const fault = useFault();
  const client = useQueryClient();
  const maySteer = useMay("runs:steer");
  const [state, setState] = useState<"dead" | "waiting">("dead");
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useInfiniteQuery({ queryKey: outboxKeys.deliveries(state), queryFn: ({ pageParam }) => outbox.deliveries(state, pageParam || undefined), initialPageParam: "", getNextPageParam: (page) => cursorOf(page.next), refetchInterval: 5_000 });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const chosen = found.filter((one) => marked.has(one.id)).map((one) => one.id);
  const mark = (ids: string[], on: boolean): void => setMarked((before) => new Set(on ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id))));
  const settle = async (): Promise<void> => {
    setMarked(new Set());
    await client.invalidateQueries({ queryKey: outboxKeys.all });
    await client.invalidateQueries({ queryKey: outboxKeys.destinations });
  };
  const retry = (): Promise<void> =>
    told(async () => {
      const { retried, unrouted } = await outbox.retry(chosen);
      tell(unrouted > 0 ? text("outbox.messages.unrouted", { count: unrouted }) : text("outbox.messages.retried", { count: retried }));
      await settle();
    });
  const drop = (): Promise<void> =>
    told(async () => {
      const { dropped } = await outbox.drop(chosen);
      tell(text("outbox.messages.dropped", { count: dropped }));
      await settle();
    });
  const all = found.map((one) => one.id);
  const columns: Column<Delivery>[] = [
    {
      key: "mark",
      width: "44px",
      head: <Checkbox size="xs" aria-label={text("outbox.messages.markAll")} checked={all.length > 0 && chosen.length === all.length} indeterminate={chosen.length > 0 && chosen.length < all.length} onChange={(event) => mark(all, event.currentTarget.checked)} />,
      cell: (one) => <Checkbox size="xs" aria-label={text("outbox.messages.mark", { topic: one.topic })} checked={marked.has(one.id)} onChange={(event) => mark([one.id], event.currentTarget.checked)} />,
    },
    { key: "topic", head: text("outbox.messages.topic"), width: "200px", cell: (one) => (one.run === null ? one.topic : <Link href={`/runs/${one.run}`}>{one.topic}</Link>) },
    { key: "key", head: text("outbox.messages.key"), width: "120px", wide: true, cell: (one) => <code>{one.key || "–"}</code> },
    { key: "to", head: text("outbox.messages.to"), width: "150px", cell: (one) => one.destination ?? "–" },
    { key: "why", head: text("outbox.messages.why"), cell: (one) => fault(one.last_error) || "–" },
    { key: "tries", head: text("outbox.messages.tries"), width: "90px", wide: true, cell: (one) => one.tries },
    { key: "when", head: text("outbox.messages.when"), width: "130px", wide: true, cell: (one) => <RelativeTime at={one.created_at} /> },
  ];
  return (
    <>
      <div className={style.toolbar}>
        <SegmentedControl
          size="sm"
          aria-label={text("outbox.messages.shown")}
          value={state}
          onChange={(next) => setState(next === "waiting" ? "waiting" : "dead")}
          data={[
            { value: "dead", label: text("outbox.messages.dead") },
            { value: "waiting", label: text("outbox.messages.waiting") },
          ]}
        />
        {maySteer && state === "dead" && (
          <Button size="sm" variant="filled" leftSection={<IconRefresh size={15} />} disabled={chosen.length === 0} onClick={() => void retry()}>
            {text("outbox.messages.retry")}
          </Button>
        )}
        {maySteer && (
          <Button size="sm" leftSection={<IconX size={15} />} disabled={chosen.length === 0} onClick={() => void drop()}>
            {text("outbox.messages.drop")}
          </Button>
        )}
      </div>
      {isUnread(list, found.length === 0) ? (
        <Unread what={text("outbox.messages.title")} asked={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState icon={<IconMailCheck size={22} />} title={text(state === "dead" ? "outbox.messages.noneDead" : "outbox.messages.noneWaiting")}>
          {text("outbox.messages.noneHelp")}
        </EmptyState>
      ) : (
        <DataTable label={text("outbox.messages.title")} rows={found} columns={columns} />
      )}
      <More list={list} />
    </>
  );
}
