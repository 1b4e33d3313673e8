import { ActionIcon, Button, Modal, Text } from "@mantine/core";
import { IconKey, IconPlus, IconReplace, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "@/api/account";
import { credentials } from "@/api/calls";
import { keys, queryClient, useCredentials } from "@/api/queries";
import type { Credential } from "@/api/types";
import { useText } from "@/i18n";
import { CredentialForm } from "@/inspector/CredentialForm";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { told } from "../told";

/** The credentials of the workspace: made and replaced, never read. */
export default function CredentialsPage() {
  const text = useText();
  const mayWrite = useMay("credentials:write");
  const list = useCredentials();
  const [form, setForm] = useState<Credential | "new" | null>(null);
  const [leaving, setLeaving] = useState<Credential | null>(null);
  const found = list.data?.results ?? [];
  const remove = (credential: Credential): Promise<void> =>
    told(async () => {
      await credentials.remove(credential.id);
      await queryClient.invalidateQueries({ queryKey: keys.credentials });
    });
  const create = (
    <Button size="sm" variant="filled" leftSection={<IconPlus size={16} />} onClick={() => setForm("new")}>
      {text("pages.credentials.new")}
    </Button>
  );
  const columns: Column<Credential>[] = [
    { key: "name", head: text("pages.credentials.name"), cell: (each) => <strong style={{ fontWeight: 500 }}>{each.name}</strong> },
    { key: "kind", head: text("pages.credentials.kind"), width: "130px", cell: (each) => <Tag>{each.kind}</Tag> },
    { key: "hosts", head: text("pages.credentials.hosts"), wide: true, cell: (each) => <code>{(each.hosts ?? []).join(", ") || "–"}</code> },
    { key: "changed", head: text("pages.credentials.changed"), width: "140px", wide: true, cell: (each) => <RelativeTime at={each.updated_at} /> },
    { key: "used", head: text("pages.credentials.used"), width: "140px", wide: true, cell: (each) => (each.last_used_at ? <RelativeTime at={each.last_used_at} /> : text("common.time.never")) },
    {
      key: "menu",
      head: "",
      width: "92px",
      align: "end",
      cell: (each) =>
        mayWrite ? (
          <span style={{ display: "inline-flex" }}>
            <ActionIcon aria-label={text("pages.credentials.replace", { name: each.name })} title={text("common.action.replace")} onClick={() => setForm(each)}>
              <IconReplace size={16} />
            </ActionIcon>
            <ActionIcon aria-label={text("pages.credentials.remove", { name: each.name })} title={text("common.action.delete")} onClick={() => setLeaving(each)}>
              <IconTrash size={16} />
            </ActionIcon>
          </span>
        ) : null,
    },
  ];
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <div style={{ flex: 1 }}>
          <h1>{text("pages.credentials.title")}</h1>
          <p>{text("pages.credentials.help")}</p>
        </div>
        {mayWrite && create}
      </header>
      {isUnread(list, found.length === 0) ? (
        <Unread what={text("pages.credentials.title")} asked={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState icon={<IconKey size={24} />} title={text("pages.credentials.none")} action={mayWrite ? create : undefined}>
          {text("pages.credentials.noneHelp")}
        </EmptyState>
      ) : (
        <DataTable label={text("pages.credentials.title")} rows={found} columns={columns} />
      )}
      <Modal
        opened={form !== null}
        onClose={() => setForm(null)}
        title={form !== null && form !== "new" ? text("pages.credentials.replace", { name: form.name }) : text("inspector.credential.new")}
        closeButtonProps={{ "aria-label": text("common.action.close") }}
      >
        <CredentialForm {...(form !== null && form !== "new" ? { replaces: form } : {})} onDone={() => setForm(null)} />
      </Modal>
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("pages.credentials.remove", { name: leaving?.name ?? "" })}
        confirm={text("common.action.delete")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          if (leaving !== null) void remove(leaving);
          setLeaving(null);
        }}
      >
        <Text size="sm">{text("pages.credentials.removeHelp")}</Text>
      </ConfirmDialog>
    </div>
  );
}
