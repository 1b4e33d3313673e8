import { NumberInput, PasswordInput, Select, Switch, Textarea } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/CodeEditor";
import { DurationInput } from "@/ui/DurationInput";
import { AnyField } from "./AnyField";
import { useForm, type Path } from "./context";
import style from "./form.module.css";
import { ListField } from "./ListField";
import { MapField } from "./MapField";
import { ObjectField } from "./ObjectField";
import { offered, type FieldSpec } from "./schema";
import { useOptions } from "./useOptions";
import { VariantField } from "./VariantField";

// Few nodes have one, and it is the only one that needs a field of pills.
const ChoicesField = lazy(() => import("./ChoicesField").then((part) => ({ default: part.ChoicesField })));

export interface ControlProps {
  id: string;
  spec: FieldSpec;
  value: Json | undefined;
  path: Path;
  label: string;
  /** What it is called where no label stands beside it. */
  named?: string | undefined;
  invalid: boolean;
  required: boolean;
  onChange: (value: Json | undefined) => void;
}

const asText = (value: Json | undefined): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));

/** The control that edits a plain value of this kind. */
export function Control(props: ControlProps) {
  const { spec } = props;
  switch (spec.kind) {
    case "text":
    case "instant":
      return <TextControl {...props} />;
    case "duration":
      return <DurationControl {...props} />;
    case "number":
      return <NumberControl {...props} />;
    case "boolean":
      return <BooleanControl {...props} />;
    case "choice":
      return <ChoiceControl {...props} />;
    case "choices":
      return (
        <Suspense fallback={<div className={style.coming} />}>
          <ChoicesField {...props} />
        </Suspense>
      );
    case "list":
      return <ListField {...props} />;
    case "map":
      return <MapField {...props} />;
    case "object":
      return <ObjectField {...props} />;
    case "variants":
      return <VariantField {...props} />;
    case "any":
      return <AnyField {...props} />;
  }
}

/** Code stands in a code editor; other text in a field that grows with it. */
function TextControl({ id, spec, value, path, label, named, invalid, onChange }: ControlProps) {
  const { readOnly, verbatim } = useForm();
  const { schema } = spec;
  const isVerbatim = verbatim.has(String(path[0])) && path.length === 1;
  // An emptied text is given as empty only where its absence would stand for another.
  const emptied = typeof schema.default === "string" && schema.default !== "" && spec.kind === "text" && schema.minLength === undefined ? "" : undefined;
  const placeholder = value === "" ? undefined : schema.default != null ? asText(schema.default) : spec.kind === "instant" ? "2026-01-31T09:30:00Z" : undefined;
  if (isVerbatim) {
    const python = schema.format === "python" || path[0] === "code";
    return (
      <CodeEditor value={asText(value ?? schema.default)} onChange={onChange} language={python ? "python" : "text"} label={label} readOnly={readOnly} invalid={invalid} minHeight={120} numbers />
    );
  }
  if (schema.format === "password") {
    return <PasswordInput id={id} aria-label={named} autoComplete="new-password" value={asText(value)} error={invalid} readOnly={readOnly} onChange={(event) => onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value)} />;
  }
  return (
    <Textarea id={id} aria-label={named} data-line autosize minRows={1} maxRows={12} value={asText(value)} error={invalid} readOnly={readOnly} placeholder={placeholder}
      classNames={{ input: "mono" }} onChange={(event) => onChange(event.currentTarget.value === "" ? emptied : event.currentTarget.value)} />
  );
}

function DurationControl({ id, spec, value, invalid, label, onChange }: ControlProps) {
  const { readOnly } = useForm();
  return <DurationInput id={id} value={typeof value === "string" ? value : null} onChange={(next) => onChange(next ?? undefined)} invalid={invalid} readOnly={readOnly} label={label} placeholder={asText(spec.schema.default)} />;
}

function NumberControl({ id, spec, value, named, invalid, onChange }: ControlProps) {
  const { readOnly } = useForm();
  const { schema } = spec;
  const bound = (key: string): number | undefined => (typeof schema[key] === "number" ? schema[key] : undefined);
  return (
    <NumberInput id={id} aria-label={named} value={typeof value === "number" ? value : ""} error={invalid} readOnly={readOnly} allowDecimal={schema.type !== "integer"}
      {...(bound("minimum") !== undefined ? { min: bound("minimum") } : {})} {...(bound("maximum") !== undefined ? { max: bound("maximum") } : {})}
      clampBehavior="none" placeholder={schema.default != null ? asText(schema.default) : undefined}
      onChange={(next) => onChange(next === "" ? undefined : typeof next === "number" ? next : Number.isFinite(Number(next)) ? Number(next) : next)} />
  );
}

function BooleanControl({ id, spec, value, named, onChange }: ControlProps) {
  const text = useText();
  const { readOnly } = useForm();
  const on = typeof value === "boolean" ? value : spec.schema.default === true;
  return <Switch id={id} aria-label={named} checked={on} disabled={readOnly} label={text(on ? "common.yes" : "common.no")} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

function ChoiceControl({ id, spec, value, named, invalid, required, onChange }: ControlProps) {
  const { readOnly } = useForm();
  const options = useOptions(offered(spec.schema).filter((each) => each !== null));
  const shown = value ?? spec.schema.default;
  return (
    <Select id={id} aria-label={named} data={options} error={invalid} readOnly={readOnly} searchable={options.length > 8} allowDeselect={!required} clearable={spec.nullable && value != null}
      value={shown === undefined || shown === null ? null : JSON.stringify(shown)} onChange={(next) => onChange(next === null ? undefined : (JSON.parse(next) as Json))} />
  );
}
