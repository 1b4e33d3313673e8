import { SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import type { JsonSchema } from "@/api/types";
import type { Json } from "@/document/types";
import { useText, type TextKey, type Translate } from "@/i18n";
import { Control, type ControlProps } from "./Control";
import { useForm } from "./context";
import style from "./form.module.css";
import { beginning, fieldOf, variantOf } from "./schema";

/** A value that may be of several shapes: first which, then the field of that shape. */
export function VariantField({ spec, value, onChange, ...rest }: ControlProps) {
  const text = useText();
  const { root, readOnly } = useForm();
  const [chosen, choose] = useState<number | null>(null);
  const at = value === undefined ? (chosen ?? 0) : variantOf(value, spec.variants);
  const variant = spec.variants[at] ?? {};
  const options = spec.variants.map((each, index) => ({ value: String(index), label: variantName(each, root, text) }));
  const pick = (next: string | null): void => {
    const index = Number(next ?? 0);
    choose(index);
    const begun: Json = beginning(spec.variants[index] ?? {}, root);
    onChange(begun === "" ? undefined : begun);
  };
  return (
    <div className={style.variant}>
      {options.length <= 3 ? (
        <SegmentedControl data={options} value={String(at)} onChange={pick} readOnly={readOnly} />
      ) : (
        <Select data={options} value={String(at)} onChange={pick} readOnly={readOnly} allowDeselect={false} aria-label={text("inspector.form.kind")} />
      )}
      <Control {...rest} spec={fieldOf(variant, root)} value={value} onChange={onChange} />
    </div>
  );
}

function variantName(schema: JsonSchema, root: JsonSchema, text: Translate): string {
  if (schema.title !== undefined && schema.title !== "") return schema.title;
  const { kind } = fieldOf(schema, root);
  return text(`inspector.kind.${kind}` satisfies TextKey);
}
