import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { environmentKeys, environments, useEnvironments, type Environment } from "@/api/environments";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../../Pages";
import { told } from "../../told";
import settings from "../settings.module.css";
import { EnvironmentCard } from "./EnvironmentCard";
import style from "./environments.module.css";
import { placesAfter } from "./form";

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** The environments of the workspace, in the order versions go through them; changed by whoever may. */
export function EnvironmentsPanel() {
  const text = useText();
  const client = useQueryClient();
  const mayWrite = useMay("environments:write");
  const known = useEnvironments();
  const list = known.data?.results ?? [];
  const [leaving, setLeaving] = useState<Environment | null>(null);
  const forget = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: environmentKeys.list });
    await client.invalidateQueries({ queryKey: keys.flows });
  };
  const move = (name: string, by: -1 | 1): Promise<void> =>
    told(async () => {
      for (const { name: moved, place } of placesAfter(list, name, by)) await environments.change(moved, { place });
      await forget();
    });
  if (isUnread(known)) return <Unread what={text("environments.title")} asked={known} />;
  if (known.isPending) return <Waiting />;
  return (
    <div className={style.page}>
      <p className={settings.help}>{text("environments.help")}</p>
      {!mayWrite && <p className={settings.help}>{text("environments.readOnly")}</p>}
      {mayWrite && <NewEnvironment taken={list.map((each) => each.name)} onMade={forget} />}
      <ol className={style.list}>
        {list.map((each, at) => (
          <EnvironmentCard
            key={each.name}
            environment={each}
            mayWrite={mayWrite}
            onKept={forget}
            onUp={at === 0 ? null : () => void move(each.name, -1)}
            onDown={at === list.length - 1 ? null : () => void move(each.name, 1)}
            onRemove={() => setLeaving(each)}
          />
        ))}
      </ol>
      <ConfirmDialog
        opened={leaving !== null}
        danger
        title={text("environments.remove.title", { name: leaving?.name ?? "" })}
        confirm={text("common.action.delete")}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          const name = leaving?.name;
          setLeaving(null);
          if (name === undefined) return;
          void told(async () => {
            await environments.remove(name);
            await forget();
          });
        }}
      >
        {text("environments.remove.help")}
      </ConfirmDialog>
    </div>
  );
}

function NewEnvironment({ taken, onMade }: { taken: readonly string[]; onMade: () => Promise<void> }) {
  const text = useText();
  const [name, setName] = useState("");
  const wrong = name !== "" && !NAME.test(name) ? text("environments.make.wrong") : taken.includes(name) ? text("environments.make.taken", { name }) : null;
  return (
    <form
      className={settings.form}
      onSubmit={(event) => {
        event.preventDefault();
        void told(async () => {
          await environments.create(name);
          await onMade();
          setName("");
        });
      }}
    >
      <TextInput size="sm" label={text("environments.make.name")} description={text("environments.make.nameHelp")} maxLength={40} error={wrong} value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: "0 1 340px" }} />
      <Button type="submit" size="sm" variant="filled" disabled={name === "" || wrong !== null}>
        {text("environments.make.confirm")}
      </Button>
    </form>
  );
}
