import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountKeys, tokens, useSession, type Token } from "@/api/account";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";
import style from "./settings.module.css";
import { ShownOnce } from "./ShownOnce";

const DAYS = ["30", "90", "365", ""] as const;

/** Keys of programs to this workspace: made, shown once, revoked. */
export function Tokens() {
  const text = useText();
  const client = useQueryClient();
  const { data: session } = useSession();
  const list = useQuery({ queryKey: accountKeys.tokens, queryFn: tokens.list });
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState<string>("90");
  const [secret, setSecret] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const found = list.data?.results ?? [];
  const forget = (): Promise<void> => client.invalidateQueries({ queryKey: accountKeys.tokens });
  const create = (): Promise<void> =>
    told(async () => {
      const made = await tokens.create({ name: name.trim(), ...(scopes.length > 0 ? { scopes } : {}), ...(days !== "" ? { days: Number(days) } : {}) });
      setSecret(made.token);
      setName("");
      await forget();
    });
  const columns: Column<Token>[] = [
    { key: "name", head: text("settings.tokens.name"), cell: (token) => token.name },
    { key: "hint", head: text("settings.tokens.begins"), width: "150px", cell: (token) => <code>{`${token.hint}…`}</code> },
    { key: "user", head: text("settings.tokens.owner"), width: "110px", wide: true, cell: (token) => token.user },
    { key: "scopes", head: text("settings.tokens.scopes"), wide: true, cell: (token) => (token.scopes.length === 0 ? text("settings.tokens.everything") : token.scopes.join(", ")) },
    { key: "used", head: text("settings.tokens.used"), width: "120px", wide: true, cell: (token) => (token.last_used_at ? <RelativeTime at={token.last_used_at} /> : text("common.time.never")) },
    { key: "expires", head: text("settings.tokens.expires"), width: "120px", wide: true, cell: (token) => (token.expires_at ? <RelativeTime at={token.expires_at} /> : text("common.time.never")) },
    {
      key: "menu",
      head: "",
      align: "end",
      width: "100px",
      cell: (token) => (
        <Button size="compact-xs" variant="subtle" color="red" onClick={() => setLeaving(token)}>
          {text("settings.tokens.revoke")}
        </Button>
      ),
    },
  ];
  return (
    <div>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextInput size="sm" label={text("settings.tokens.name")} placeholder={text("settings.tokens.nameHint")} value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: "1 1 200px" }} />
        <MultiSelect size="sm" label={text("settings.tokens.scopes")} {...(scopes.length === 0 ? { placeholder: text("settings.tokens.everything") } : {})} data={session?.permissions ?? []} value={scopes} onChange={setScopes} style={{ flex: "1 1 240px" }} clearable />
        <Select size="sm" label={text("settings.tokens.expires")} data={DAYS.map((each) => ({ value: each, label: each === "" ? text("common.time.never") : text("settings.tokens.days", { count: Number(each) }) }))} value={days} onChange={(next) => setDays(next ?? "")} allowDeselect={false} style={{ width: 130 }} />
        <Button type="submit" size="sm" variant="filled" disabled={name.trim() === ""}>
          {text("settings.tokens.create")}
        </Button>
      </form>
      {isUnread(list, found.length === 0) ? (
        <Unread what={text("settings.section.tokens")} asked={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState icon={<IconKey size={22} />} title={text("settings.tokens.none")}>
          {text("settings.tokens.noneHelp")}
        </EmptyState>
      ) : (
        <DataTable label={text("settings.section.tokens")} rows={found} columns={columns} />
      )}
      <ShownOnce secret={secret} title={text("settings.tokens.once")} onClose={() => setSecret(null)} />
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("settings.tokens.revokeTitle", { name: leaving?.name ?? "" })}
        confirm={text("settings.tokens.revoke")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          const token = leaving;
          setLeaving(null);
          if (token !== null)
            void told(async () => {
              await tokens.revoke(token.id);
              await forget();
            });
        }}
      >
        {text("settings.tokens.revokeHelp")}
      </ConfirmDialog>
    </div>
  );
}
