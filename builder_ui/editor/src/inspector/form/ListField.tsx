import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { useRows } from "@/ui/useRows";
import type { ControlProps } from "./Control";
import { useForm } from "./context";
import { Field } from "./Field";
import style from "./form.module.css";
import { beginning, fieldOf } from "./schema";

/** A list: one field per item, added, removed and put in order. */
export function ListField({ spec, value, path, onChange, label }: ControlProps) {
  const text = useText();
  const form = useForm();
  const { box, added, removed } = useRows<HTMLDivElement>();
  const items = Array.isArray(value) ? value : [];
  const schema = spec.schema.items ?? {};
  const isPlain = !["object", "variants", "list"].includes(fieldOf(schema, form.root).kind);
  const moved = (from: number, to: number): Json[] => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    return next;
  };
  const add = (): void => {
    onChange([...items, beginning(schema, form.root)]);
    added();
  };
  const remove = (at: number): void => {
    onChange(items.filter((_, each) => each !== at));
    removed();
  };
  const most = typeof spec.schema.maxItems === "number" ? spec.schema.maxItems : Infinity;
  return (
    <div ref={box} className={style.list} role="group" aria-label={label}>
      {items.map((item, at) => (
        <div key={at} className={isPlain ? style.plainItem : style.item} data-row>
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
              <ActionIcon size={22} onClick={() => remove(at)} aria-label={text("inspector.form.removeItem", { name: at + 1 })}>
                <IconTrash size={13} />
              </ActionIcon>
            </div>
          )}
        </div>
      ))}
      {!form.readOnly && items.length < most && (
        <Button data-adds variant="subtle" size="compact-xs" className={style.add} leftSection={<IconPlus size={13} />} onClick={add}>
          {text("inspector.form.addItem")}
        </Button>
      )}
    </div>
  );
}
