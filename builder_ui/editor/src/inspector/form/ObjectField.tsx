import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { focusField } from "@/ui/useRows";
import type { ControlProps } from "./Control";
import { useForm, type Path } from "./context";
import { Field } from "./Field";
import style from "./form.module.css";
import { beginning, labelOf, propertiesOf, resolved, standing } from "./schema";
import type { JsonSchema } from "@/api/types";

const asObject = (value: Json | undefined): JsonObject => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

/** The fields of an object: what is required or set stands, the rest waits under `Add option`. */
export function Fields({ schema, value, path }: { schema: JsonSchema; value: Json | undefined; path: Path }) {
  const text = useText();
  const form = useForm();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const [asked, ask] = useState<string | null>(null);
  useEffect(() => {
    if (asked !== null) focusField([...(box.current?.children ?? [])].find((each) => each.getAttribute("data-field") === `/${[...path, asked].join("/")}`));
    // Where the form stands is no news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked]);
  const object = asObject(value);
  const properties = propertiesOf(schema);
  // What is set stays where it stands while its text is emptied and typed anew; only its own button takes it out.
  const unkept = properties.filter((each) => !each.required && Object.hasOwn(object, each.name) && !opened.has(each.name));
  if (unkept.length > 0) setOpened(new Set([...opened, ...unkept.map((each) => each.name)]));
  const { shown, rest } = standing(properties, object, opened);
  const known = new Set(properties.map((each) => each.name));
  const strays = Object.keys(object).filter((name) => !known.has(name));
  const open = (name: string, property: JsonSchema): void => {
    setOpened(new Set([...opened, name]));
    ask(name);
    const begun = beginning(property, form.root);
    if (begun !== "" && begun !== null) form.set([...path, name], begun);
  };
  const close = (name: string): void => {
    setOpened(new Set([...opened].filter((each) => each !== name)));
    ask(null);
    form.set([...path, name], undefined);
  };
  return (
    <div ref={box} className={style.fields}>
      {shown.map((each) => (
        <Field
          key={each.name}
          name={each.name}
          schema={each.schema}
          value={object[each.name]}
          path={[...path, each.name]}
          required={each.required}
          onRemove={each.required || (!Object.hasOwn(object, each.name) && !opened.has(each.name)) ? undefined : () => close(each.name)}
        />
      ))}
      {strays.map((name) => (
        <Field key={name} name={name} schema={{}} value={object[name]} path={[...path, name]} onRemove={() => close(name)} />
      ))}
      {rest.length > 0 && !form.readOnly && (
        <Menu position="bottom-start" width={240}>
          <Menu.Target>
            <Button variant="subtle" size="compact-sm" className={style.add} leftSection={<IconPlus size={14} />}>
              {text("inspector.form.addOption")}
              <span className={style.options}>{rest.map((each) => labelOf(each.name, resolved(each.schema, form.root))).join(", ")}</span>
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
            {rest.map((each) => (
              <Menu.Item key={each.name} onClick={() => open(each.name, each.schema)}>
                {labelOf(each.name, resolved(each.schema, form.root))}
                {resolved(each.schema, form.root).description !== undefined && <div className={style.optionText}>{resolved(each.schema, form.root).description}</div>}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

/** An object within a form, in a frame of its own. */
export function ObjectField({ spec, value, path }: ControlProps) {
  return (
    <div className={style.nested}>
      <Fields schema={spec.schema} value={value} path={path} />
    </div>
  );
}
