import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import type { ControlProps } from "./Control";
import { useForm } from "./context";
import { Field } from "./Field";
import style from "./form.module.css";
import { beginning, fieldOf } from "./schema";

/** A list: one field per item, added, removed and put in order. */
export function ListField({ spec, value, path, onChange, label }: ControlProps) {
  const text = useText();
  const form = useForm();
  const items = Array.isArray(value) ? value : [];
  const schema = spec.schema.items ?? {};
  const isPlain = !["object", "variants", "list"].includes(fieldOf(schema, form.root).kind);
  const moved = (from: number, to: number): Json[] => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    return next;
  };
  const most = typeof spec.schema.maxItems === "number" ? spec.schema.maxItems : Infinity;
  return (
    <div className={style.list} role="group" aria-label={label}>
      {items.map((item, at) => (
        <div key={at} className={isPlain ? style.plainItem : style.item}>
          <div className={style.itemBody}>
            <Field name={isPlain ? "" : `${at + 1}`} bare named={`${label} ${at + 1}`} schema={schema} value={item} path={[...path, at]} />
          </div>
          {!form.readOnly && (
            <div className={style.itemActions}>
              {at > 0 && (
                <ActionIcon size={22} onClick={() => onChange(moved(at, at - 1))} aria-label={text("inspector.form.up", { name: at + 1 })}>
                  <IconArrowUp size={13} />
                </ActionIcon>
              )}
              {at < items.length - 1 && (
                <ActionIcon size={22} onClick={() => onChange(moved(at, at + 1))} aria-label={text("inspector.form.down", { name: at + 1 })}>
                  <IconArrowDown size={13} />
                </ActionIcon>
              )}
              <ActionIcon size={22} onClick={() => onChange(items.filter((_, each) => each !== at))} aria-label={text("inspector.form.removeItem", { name: at + 1 })}>
                <IconTrash size={13} />
              </ActionIcon>
            </div>
          )}
        </div>
      ))}
      {!form.readOnly && items.length < most && (
        <Button variant="subtle" size="compact-xs" className={style.add} leftSection={<IconPlus size={13} />} onClick={() => onChange([...items, beginning(schema, form.root)])}>
          {text("inspector.form.addItem")}
        </Button>
      )}
    </div>
  );
}
