import { ActionIcon, Button, Modal } from "@mantine/core";
import { IconPencil, IconPlus, IconSend, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { outbox, outboxKeys, type Destination } from "@/api/outbox";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Tag } from "@/ui/Tag";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { told } from "../told";
import { DestinationForm } from "./DestinationForm";

/** Where published messages go: set up by admins, seen by everyone. */
export function DestinationsPanel() {
  const text = useText();
  const client = useQueryClient();
  const mayWrite = useMay("outbox:write");
  const list = useQuery({ queryKey: outboxKeys.destinations, queryFn: outbox.destinations, refetchInterval: 5_000 });
  const [form, setForm] = useState<Destination | "new" | null>(null);
  const [leaving, setLeaving] = useState<Destination | null>(null);
  const found = list.data?.results ?? [];
  const remove = (destination: Destination): Promise<void> =>
    told(async () => {
      await outbox.remove(destination.id);
      await client.invalidateQueries({ queryKey: outboxKeys.destinations });
    });
  const create = (
    <Button size="sm" variant="filled" leftSection={<IconPlus size={16} />} onClick={() => setForm("new")}>
      {text("outbox.destinations.new")}
    </Button>
  );
  const columns: Column<Destination>[] = [
    { key: "name", head: text("outbox.destinations.name"), width: "180px", cell: (one) => <strong style={{ fontWeight: 500 }}>{one.name}</strong> },
    { key: "kind", head: text("outbox.destinations.kind"), width: "100px", wide: true, cell: (one) => <Tag>{one.kind}</Tag> },
    { key: "topics", head: text("outbox.destinations.topics"), cell: (one) => <code>{one.topics.join(", ") || "–"}</code> },
    { key: "state", head: text("outbox.destinations.state"), width: "120px", cell: (one) => text(one.active ? "outbox.destinations.active" : "outbox.destinations.still") },
    { key: "waiting", head: text("outbox.messages.waiting"), width: "90px", wide: true, cell: (one) => one.waiting },
    { key: "dead", head: text("outbox.messages.dead"), width: "90px", wide: true, cell: (one) => one.dead },
    {
      key: "menu",
      head: "",
      width: "92px",
      align: "end",
      cell: (one) =>
        mayWrite ? (
          <span style={{ display: "inline-flex" }}>
            <ActionIcon aria-label={text("outbox.destinations.change", { name: one.name })} onClick={() => setForm(one)}>
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon aria-label={text("outbox.destinations.remove", { name: one.name })} onClick={() => setLeaving(one)}>
              <IconTrash size={16} />
            </ActionIcon>
          </span>
        ) : null,
    },
  ];
  if (isUnread(list, found.length === 0)) return <Unread what={text("outbox.destinations.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  return (
    <>
      {mayWrite && found.length > 0 && <div className={style.toolbar}>{create}</div>}
      {found.length === 0 ? (
        <EmptyState icon={<IconSend size={22} />} title={text("outbox.destinations.none")} action={mayWrite ? create : undefined}>
          {text("outbox.destinations.noneHelp")}
        </EmptyState>
      ) : (
        <DataTable label={text("outbox.destinations.title")} rows={found} columns={columns} />
      )}
      <Modal
        opened={form !== null}
        onClose={() => setForm(null)}
        title={form !== null && form !== "new" ? text("outbox.destinations.change", { name: form.name }) : text("outbox.destinations.new")}
        closeButtonProps={{ "aria-label": text("common.action.close") }}
      >
        {form !== null && <DestinationForm {...(form !== "new" ? { changes: form } : {})} onDone={() => setForm(null)} />}
      </Modal>
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("outbox.destinations.remove", { name: leaving?.name ?? "" })}
        confirm={text("common.action.delete")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          if (leaving !== null) void remove(leaving);
          setLeaving(null);
        }}
      >
        {text("outbox.destinations.removeHelp")}
      </ConfirmDialog>
    </>
  );
}
