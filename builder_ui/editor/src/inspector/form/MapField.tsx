import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { focusField, useRows } from "@/ui/useRows";
import type { ControlProps } from "./Control";
import { useForm } from "./context";
import { Field } from "./Field";
import style from "./form.module.css";
import { beginning } from "./schema";

/** Names with values, such as headers or the fields of `data.set`. A name is taken over when the field is left. */
export function MapField({ spec, value, path, onChange, label }: ControlProps) {
  const text = useText();
  const form = useForm();
  const { box, added, removed } = useRows<HTMLDivElement>();
  // A row stays itself while its name is typed anew; what stands behind one that goes is drawn afresh.
  const [gone, setGone] = useState(0);
  const map: JsonObject = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const schema = typeof spec.schema.additionalProperties === "object" ? spec.schema.additionalProperties : {};
  const entries = Object.entries(map);
  const renamed = (from: string, to: string): void => {
    if (to !== from && to !== "" && !Object.hasOwn(map, to)) onChange(Object.fromEntries(entries.map(([key, item]): [string, Json] => [key === from ? to : key, item])));
  };
  const add = (): void => {
    let name = text("inspector.form.newName");
    for (let count = 2; Object.hasOwn(map, name); count += 1) name = `${text("inspector.form.newName")}_${count}`;
    onChange({ ...map, [name]: beginning(schema, form.root) });
    added();
  };
  const remove = (name: string): void => {
    onChange(Object.fromEntries(entries.filter(([key]) => key !== name)));
    setGone(gone + 1);
    removed();
  };
  return (
    <div ref={box} className={style.list} role="group" aria-label={label}>
      {entries.map(([name, item], at) => (
        <div key={`${gone}/${at}`} className={style.entry} data-row>
          <Name name={name} onRename={(next) => renamed(name, next)} readOnly={form.readOnly} />
          {!form.readOnly && (
            <ActionIcon size={26} onClick={() => remove(name)} aria-label={text("inspector.form.removeItem", { name })}>
              <IconTrash size={13} />
            </ActionIcon>
          )}
          <div className={style.entryValue}>
            <Field name="" bare named={name} schema={schema} value={item} path={[...path, name]} />
          </div>
        </div>
      ))}
      {!form.readOnly && (
        <Button data-adds variant="subtle" size="compact-xs" className={style.add} leftSection={<IconPlus size={13} />} onClick={add}>
          {text("inspector.form.addField")}
        </Button>
      )}
    </div>
  );
}

function Name({ name, onRename, readOnly }: { name: string; onRename: (name: string) => void; readOnly: boolean }) {
  const text = useText();
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <TextInput value={draft ?? name} readOnly={readOnly} aria-label={text("inspector.form.name")} classNames={{ input: `mono ${style.entryName}` }}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => {
        if (draft !== null) onRename(draft);
        setDraft(null);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          focusField(event.currentTarget.closest("[data-row]"), 1);
        }
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
