import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useMay } from "@/api/account";
import { locks, operationKeys, type LockPlace } from "@/api/operations";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Tag } from "@/ui/Tag";
import { instantText } from "@/ui/time";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";

const inside = (place: LockPlace): boolean => place.token !== null && place.released_at === null;

/** Who holds which lock and who stands in line for it; a lock can be taken from a run by hand. */
export function LocksPanel() {
  const text = useText();
  const client = useQueryClient();
  const maySteer = useMay("runs:steer");
  const [asked, ask] = useState<LockPlace | null>(null);
  const list = useQuery({ queryKey: operationKeys.locks, queryFn: () => locks.list(), refetchInterval: 3_000 });
  const release = (place: LockPlace): Promise<void> =>
    told(async () => {
      await locks.release(place.id);
      await client.invalidateQueries({ queryKey: operationKeys.locks });
    }, text("locks.released"));
  const state = (place: LockPlace) => {
    if (place.line !== null) return <Tag hue="wait">{text("locks.line", { line: place.line })}</Tag>;
    if (place.released_at !== null) return <Tag hue="bad">{text("locks.taken", { by: place.released_by })}</Tag>;
    return <Tag hue="ok">{text("locks.inside")}</Tag>;
  };
  const columns: Column<LockPlace>[] = [
    { key: "name", head: text("locks.name"), cell: (each) => <code>{each.name}</code> },
    { key: "state", head: text("locks.state"), width: "170px", cell: state },
    {
      key: "run",
      head: text("locks.who"),
      cell: (each) => (
        <Link href={`/runs/${each.run}`}>
          {each.flow_name} #{each.number}
        </Link>
      ),
    },
    { key: "step", head: text("locks.step"), wide: true, cell: (each) => <code>{each.step}</code> },
    { key: "token", head: text("locks.token"), width: "80px", wide: true, align: "end", cell: (each) => each.token ?? "–" },
    { key: "since", head: text("locks.since"), width: "150px", wide: true, cell: (each) => instantText(each.granted_at ?? each.asked_at) },
    {
      key: "menu",
      head: "",
      width: "120px",
      align: "end",
      cell: (each) =>
        maySteer && inside(each) ? (
          <Button size="compact-xs" onClick={() => ask(each)}>
            {text("locks.release")}
          </Button>
        ) : null,
    },
  ];
  if (isUnread(list, list.data?.results.length === 0)) return <Unread what={text("operations.locks.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  const rows = [...(list.data?.results ?? [])].sort((one, other) => one.name.localeCompare(other.name) || Number(one.id) - Number(other.id));
  if (rows.length === 0) {
    return (
      <EmptyState icon={<IconLock size={22} />} title={text("locks.none")}>
        {text("locks.noneHelp")}
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable label={text("operations.locks.title")} rows={rows} columns={columns} muted={(each) => each.released_at !== null} />
      {asked !== null && (
        <ConfirmDialog
          opened
          danger
          title={text("locks.sure", { name: asked.name, number: asked.number })}
          confirm={text("locks.release")}
          onConfirm={() => {
            void release(asked);
            ask(null);
          }}
          onClose={() => ask(null)}
        >
          {text("locks.help")}
        </ConfirmDialog>
      )}
    </>
  );
}
