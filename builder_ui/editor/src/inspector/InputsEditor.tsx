import { ActionIcon, Button, Checkbox, Menu, SegmentedControl, Select, TagsInput, TextInput } from "@mantine/core";
import { IconDots, IconForms, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/CodeEditor";
import { EmptyState } from "@/ui/EmptyState";
import { useRows } from "@/ui/useRows";
import { endGesture, setFlow } from "./edits";
import { fieldsOf, freshName, INPUT_TYPES, schemaOf, type InputField, type InputType } from "./inputs";
import style from "./InputsEditor.module.css";

/** What a flow takes in: a list of typed fields, or the JSON Schema itself. */
export function InputsEditor({ schema, readOnly }: { schema: JsonObject; readOnly: boolean }) {
  const text = useText();
  const { box, added, removed } = useRows<HTMLDivElement>();
  const fields = fieldsOf(schema);
  const [wanted, want] = useState<"fields" | "json">("fields");
  const view = fields === null ? "json" : wanted;
  const change = (next: InputField[]): void => setFlow({ inputs: schemaOf(next, schema) });
  const add = (known: readonly InputField[]): void => {
    change([...known, { name: freshName(known, "field"), type: "string", required: true, description: "", choices: null, fallback: undefined, rest: {} }]);
    added();
  };
  return (
    <div ref={box} className={style.inputs} onBlur={endGesture}>
      <div className={style.bar}>
        <p>{text("inspector.inputs.help")}</p>
        <SegmentedControl
          aria-label={text("common.json.view")}
          value={view}
          onChange={(next) => want(next)}
          data={[
            { value: "fields", label: text("inspector.inputs.fields"), disabled: fields === null },
            { value: "json", label: "JSON" },
          ]}
        />
      </div>
      {view === "fields" && fields !== null ? (
        <>
          {fields.length === 0 && (
            <EmptyState compact icon={<IconForms size={18} />} title={text("inspector.inputs.none")}>
              {text("inspector.inputs.noneHelp")}
            </EmptyState>
          )}
          {fields.map((field, at) => (
            <Row
              key={at}
              field={field}
              readOnly={readOnly}
              isTaken={(name) => fields.some((each, index) => index !== at && each.name === name)}
              onChange={(next) => change(fields.map((each, index) => (index === at ? next : each)))}
              onRemove={() => {
                change(fields.filter((_, index) => index !== at));
                removed();
              }}
            />
          ))}
          {!readOnly && (
            <Button data-adds variant="subtle" size="compact-sm" className={style.add} leftSection={<IconPlus size={14} />} onClick={() => add(fields)}>
              {text("inspector.inputs.add")}
            </Button>
          )}
        </>
      ) : (
        <RawSchema schema={schema} readOnly={readOnly} />
      )}
    </div>
  );
}

interface RowProps {
  field: InputField;
  readOnly: boolean;
  isTaken: (name: string) => boolean;
  onChange: (field: InputField) => void;
  onRemove: () => void;
}

function Row({ field, readOnly, isTaken, onChange, onRemove }: RowProps) {
  const text = useText();
  const [name, setName] = useState<string | null>(null);
  const [more, setMore] = useState<ReadonlySet<string>>(new Set());
  const show = (part: string): void => setMore(new Set([...more, part]));
  const keepName = (): void => {
    if (name !== null && name.trim() !== "" && !isTaken(name.trim())) onChange({ ...field, name: name.trim() });
    setName(null);
  };
  const fallbackText = field.fallback === undefined ? "" : typeof field.fallback === "string" ? field.fallback : JSON.stringify(field.fallback);
  return (
    <div className={style.row} data-row>
      <div className={style.main}>
        <TextInput
          aria-label={text("inspector.form.name")}
          classNames={{ input: "mono" }}
          value={name ?? field.name}
          error={name !== null && isTaken(name)}
          readOnly={readOnly}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={keepName}
          onKeyDown={(event) => {
            if (event.key === "Enter") keepName();
          }}
        />
        <Select
          aria-label={text("inspector.inputs.type")}
          data={INPUT_TYPES.map((type) => ({ value: type, label: text(`inspector.inputs.kind.${type}`) }))}
          value={field.type}
          allowDeselect={false}
          readOnly={readOnly}
          onChange={(type) => onChange({ ...field, type: type ?? "string", choices: type === "string" ? field.choices : null, fallback: undefined, rest: {} })}
        />
        {!readOnly && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={text("common.action.more")}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => show("description")}>{text("inspector.inputs.describe")}</Menu.Item>
              <Menu.Item onClick={() => show("fallback")}>{text("inspector.inputs.default")}</Menu.Item>
              {field.type === "string" && <Menu.Item onClick={() => onChange({ ...field, choices: field.choices ?? [] })}>{text("inspector.inputs.choices")}</Menu.Item>}
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={onRemove}>
                {text("common.action.remove")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <Checkbox label={text("inspector.inputs.required")} checked={field.required} disabled={readOnly} onChange={(event) => onChange({ ...field, required: event.currentTarget.checked })} />
      {(field.description !== "" || more.has("description")) && (
        <TextInput label={text("inspector.inputs.describe")} value={field.description} readOnly={readOnly} onChange={(event) => onChange({ ...field, description: event.currentTarget.value })} />
      )}
      {(field.fallback !== undefined || more.has("fallback")) && (
        <TextInput label={text("inspector.inputs.default")} classNames={{ input: "mono" }} defaultValue={fallbackText} readOnly={readOnly} onBlur={(event) => onChange({ ...field, fallback: readDefault(event.currentTarget.value, field.type) })} />
      )}
      {field.choices !== null && (
        <TagsInput label={text("inspector.inputs.choices")} value={field.choices} readOnly={readOnly} onChange={(choices) => onChange({ ...field, choices: choices.length === 0 ? null : choices })} />
      )}
    </div>
  );
}

/** A default as it is typed: text for texts, JSON for the rest; what is no JSON is kept as text. */
function readDefault(typed: string, type: InputType): Json | undefined {
  if (typed === "") return undefined;
  if (type === "string") return typed;
  try {
    return JSON.parse(typed) as Json;
  } catch {
    return typed;
  }
}

function RawSchema({ schema, readOnly }: { schema: JsonObject; readOnly: boolean }) {
  const text = useText();
  const said = JSON.stringify(schema, null, 2);
  const [draft, setDraft] = useState<{ text: string; of: string } | null>(null);
  const change = (next: string): void => {
    try {
      const parsed = JSON.parse(next) as Json;
      if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) throw new SyntaxError();
      setDraft({ text: next, of: JSON.stringify(parsed, null, 2) });
      setFlow({ inputs: parsed });
    } catch {
      setDraft({ text: next, of: said });
    }
  };
  return <CodeEditor value={draft?.of === said ? draft.text : said} onChange={change} language="json" label={text("inspector.flow.inputs")} readOnly={readOnly} minHeight={180} numbers />;
}
