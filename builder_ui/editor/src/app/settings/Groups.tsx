import { ActionIcon, Button, MultiSelect, Pill, Select, TextInput } from "@mantine/core";
import { IconTrash, IconUsersGroup } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountKeys, groups, members, useMay, type Group, type Member } from "@/api/account";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { EmptyState } from "@/ui/EmptyState";
import { isUnread, Unread } from "@/ui/Unread";
import { told } from "../told";
import style from "./settings.module.css";

/** Groups of people that flows ask by name: who is in each, and, for who may, changes to that. */
export function Groups() {
  const text = useText();
  const client = useQueryClient();
  const mayWrite = useMay("members:write");
  const list = useQuery({ queryKey: accountKeys.groups, queryFn: groups.list });
  const everyone = useQuery({ queryKey: accountKeys.members, queryFn: members.list });
  const [leaving, setLeaving] = useState<Group | null>(null);
  const people = everyone.data?.results ?? [];
  const after = (work: () => Promise<unknown>): Promise<void> =>
    told(async () => {
      await work();
      await client.invalidateQueries({ queryKey: accountKeys.groups });
    });
  const found = list.data?.results ?? [];
  return (
    <section aria-labelledby="groups-title">
      <h2 id="groups-title">{text("people.title")}</h2>
      <p className={style.help}>{text("people.help")}</p>
      {mayWrite && <NewGroup people={people} after={after} />}
      {isUnread(list, found.length === 0) ? (
        <Unread what={text("people.title")} asked={list} />
      ) : list.isSuccess && found.length === 0 ? (
        <EmptyState icon={<IconUsersGroup size={22} />} title={text("people.none")}>
          {text("people.noneHelp")}
        </EmptyState>
      ) : (
        <ul className={style.groups}>
          {found.map((group) => (
            <OneGroup key={group.id} group={group} people={people} mayWrite={mayWrite} after={after} onRemove={() => setLeaving(group)} />
          ))}
        </ul>
      )}
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("people.remove", { name: leaving?.name ?? "" })}
        confirm={text("common.action.remove")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          const group = leaving;
          setLeaving(null);
          if (group !== null) void after(() => groups.remove(group.id));
        }}
      >
        {text("people.removeHelp")}
      </ConfirmDialog>
    </section>
  );
}

type After = (work: () => Promise<unknown>) => Promise<void>;

function NewGroup({ people, after }: { people: readonly Member[]; after: After }) {
  const text = useText();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const create = (): Promise<void> =>
    after(async () => {
      await groups.create({ name: name.trim(), members: chosen });
      setName("");
      setChosen([]);
    });
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <TextInput size="sm" label={text("people.name")} placeholder={text("people.nameHint")} maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: "1 1 180px" }} />
      <MultiSelect size="sm" label={text("people.members")} {...(chosen.length === 0 ? { placeholder: text("people.choose") } : {})} data={people.map((one) => ({ value: one.id, label: one.name }))} value={chosen} onChange={setChosen} searchable clearable style={{ flex: "2 1 240px" }} />
      <Button type="submit" size="sm" variant="filled" disabled={name.trim() === ""}>
        {text("people.create")}
      </Button>
    </form>
  );
}

function OneGroup({ group, people, mayWrite, after, onRemove }: { group: Group; people: readonly Member[]; mayWrite: boolean; after: After; onRemove: () => void }) {
  const text = useText();
  const inside = new Set(group.members.map((one) => one.id));
  const others = people.filter((one) => !inside.has(one.id));
  return (
    <li className={style.group} aria-label={group.name}>
      <div className={style.groupHead}>
        <h3>{group.name}</h3>
        {mayWrite && (
          <ActionIcon aria-label={text("people.remove", { name: group.name })} onClick={onRemove}>
            <IconTrash size={15} />
          </ActionIcon>
        )}
      </div>
      {group.members.length === 0 && <p className={style.help}>{text("people.empty")}</p>}
      <div className={style.pills}>
        {group.members.map((one) => (
          <Pill
            key={one.id}
            size="md"
            withRemoveButton={mayWrite}
            removeButtonProps={{ "aria-label": text("people.takeOut", { member: one.name, name: group.name }), "aria-hidden": false, tabIndex: 0 }}
            onRemove={() => void after(() => groups.takeOut(group.id, one.id))}
          >
            {one.name}
          </Pill>
        ))}
        {mayWrite && others.length > 0 && (
          <Select
            size="xs"
            aria-label={text("people.putIn", { name: group.name })}
            placeholder={text("people.choose")}
            data={others.map((one) => ({ value: one.id, label: one.name }))}
            value={null}
            searchable
            onChange={(member) => {
              if (member !== null) void after(() => groups.putIn(group.id, member));
            }}
            style={{ width: 170 }}
          />
        )}
      </div>
    </li>
  );
}
