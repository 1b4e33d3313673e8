import { MultiSelect } from "@mantine/core";
import type { Json } from "@/document/types";
import type { ControlProps } from "./Control";
import { useForm } from "./context";
import { offered } from "./schema";
import { useOptions } from "./useOptions";

/** Several of a set of values. */
export function ChoicesField({ id, spec, value, named, invalid, onChange }: ControlProps) {
  const { readOnly, root } = useForm();
  const items = spec.schema.items ?? {};
  const schema = items.$ref !== undefined ? { ...root.$defs?.[items.$ref.replace("#/$defs/", "")] } : items;
  const options = useOptions(offered(schema));
  const chosen = Array.isArray(value) ? value : Array.isArray(spec.schema.default) ? spec.schema.default : [];
  return <MultiSelect id={id} aria-label={named} data={options} error={invalid} readOnly={readOnly} value={chosen.map((each) => JSON.stringify(each))} onChange={(next) => onChange(next.map((each) => JSON.parse(each) as Json))} />;
}
