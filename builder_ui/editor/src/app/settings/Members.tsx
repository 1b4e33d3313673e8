import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountKeys, members, ROLES, useMay, useSession, type Invitation, type Member, type Role } from "@/api/account";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable, type Column } from "@/ui/DataTable";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";
import { Groups } from "./Groups";
import style from "./settings.module.css";
import { ShownOnce } from "./ShownOnce";

/** Who belongs to the workspace, in which role; and who is invited. */
export function Members() {
  const text = useText();
  const client = useQueryClient();
  const { data: session } = useSession();
  const mayWrite = useMay("members:write");
  const list = useQuery({ queryKey: accountKeys.members, queryFn: members.list });
  const invited = useQuery({ queryKey: accountKeys.invitations, queryFn: members.invitations, enabled: mayWrite });
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [link, setLink] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const roles = ROLES.map((value) => ({ value, label: text(`common.role.${value}`) }));
  const forget = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: accountKeys.members });
    await client.invalidateQueries({ queryKey: accountKeys.invitations });
    await client.invalidateQueries({ queryKey: accountKeys.groups });
  };
  const after = (work: () => Promise<unknown>): Promise<void> =>
    told(async () => {
      await work();
      await forget();
    });
  const invite = (): Promise<void> =>
    after(async () => {
      const made = await members.invite({ email: email.trim(), role });
      setLink(`${window.location.origin}/join/#${made.secret}`);
      setEmail("");
    });
  const columns: Column<Member>[] = [
    { key: "name", head: text("settings.members.name"), cell: (each) => each.name },
    { key: "email", head: text("settings.members.email"), wide: true, cell: (each) => each.email },
    {
      key: "role",
      head: text("settings.members.role"),
      width: "170px",
      cell: (each) =>
        mayWrite && each.user !== session?.user.id ? (
          <Select data={roles} value={each.role} allowDeselect={false} aria-label={text("settings.members.role")} onChange={(next) => void after(() => members.change(each.id, { role: next ?? each.role }))} />
        ) : (
          <Tag>{text(`common.role.${each.role}`)}</Tag>
        ),
    },
    {
      key: "menu",
      head: "",
      width: "56px",
      align: "end",
      cell: (each) =>
        mayWrite && each.user !== session?.user.id ? (
          <ActionIcon aria-label={text("settings.members.remove", { name: each.name })} onClick={() => setLeaving(each)}>
            <IconTrash size={15} />
          </ActionIcon>
        ) : null,
    },
  ];
  const open: Column<Invitation>[] = [
    { key: "email", head: text("settings.members.email"), cell: (each) => each.email },
    { key: "role", head: text("settings.members.role"), width: "150px", cell: (each) => <Tag>{text(`common.role.${each.role}`)}</Tag> },
    { key: "expires", head: text("settings.members.expires"), width: "150px", wide: true, cell: (each) => <RelativeTime at={each.expires_at} /> },
    {
      key: "menu",
      head: "",
      width: "110px",
      align: "end",
      cell: (each) => (
        <Button size="compact-xs" variant="subtle" color="red" onClick={() => void after(() => members.withdraw(each.id))}>
          {text("settings.members.withdraw")}
        </Button>
      ),
    },
  ];
  return (
    <div className={style.stack}>
      {mayWrite && (
        <form
          className={style.form}
          onSubmit={(event) => {
            event.preventDefault();
            void invite();
          }}
        >
          <TextInput size="sm" type="email" label={text("settings.members.email")} value={email} onChange={(event) => setEmail(event.currentTarget.value)} style={{ flex: "1 1 240px" }} />
          <Select size="sm" label={text("settings.members.role")} data={roles} value={role} allowDeselect={false} onChange={(next) => setRole(next ?? "editor")} style={{ width: 150 }} />
          <Button type="submit" size="sm" variant="filled" disabled={!email.includes("@")}>
            {text("settings.members.invite")}
          </Button>
        </form>
      )}
      {isUnread(list) ? (
        <Unread what={text("settings.section.members")} asked={list} />
      ) : list.data === undefined ? (
        <Waiting />
      ) : (
        <DataTable label={text("settings.section.members")} rows={list.data.results} columns={columns} muted={(each) => !each.is_active} />
      )}
      {isUnread(invited) && <Unread what={text("settings.members.invited")} asked={invited} />}
      {(invited.data?.results ?? []).length > 0 && (
        <section>
          <h2>{text("settings.members.invited")}</h2>
          <DataTable label={text("settings.members.invited")} rows={invited.data?.results ?? []} columns={open} />
        </section>
      )}
      <Groups />
      <ShownOnce secret={link} title={text("settings.members.link")} onClose={() => setLink(null)} />
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("settings.members.remove", { name: leaving?.name ?? "" })}
        confirm={text("common.action.remove")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          const member = leaving;
          setLeaving(null);
          if (member !== null) void after(() => members.remove(member.id));
        }}
      >
        {text("settings.members.removeHelp")}
      </ConfirmDialog>
    </div>
  );
}
