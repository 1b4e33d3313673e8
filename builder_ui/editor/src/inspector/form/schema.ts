/** What kind of field a piece of JSON Schema asks for. Pure: it reads schemas and refuses to know of widgets. */
import type { JsonSchema } from "@/api/types";
import type { Json, JsonObject } from "@/document/types";

export type FieldKind =
  | "text"
  | "duration"
  | "instant"
  | "number"
  | "boolean"
  | "choice"
  | "list"
  | "choices"
  | "object"
  | "map"
  | "variants"
  | "any";

export interface FieldSpec {
  kind: FieldKind;
  schema: JsonSchema;
  /** Whether null (or nothing) is as good as a value. */
  nullable: boolean;
  /** For `variants`: what may stand here instead of each other. */
  variants: JsonSchema[];
}

/** The schema with its `$ref` followed and `allOf` of one taken for itself; what stood beside the `$ref` wins. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let here = schema;
  for (let depth = 0; depth < 20; depth += 1) {
    const only = here.allOf?.length === 1 ? here.allOf[0] : undefined;
    const { $ref, allOf, ...beside } = here;
    if ($ref !== undefined) here = { ...root.$defs?.[$ref.replace("#/$defs/", "")], ...(allOf ? { allOf } : {}), ...beside };
    else if (only !== undefined) here = { ...only, ...beside };
    else return here;
  }
  return here;
}

const isNull = (schema: JsonSchema): boolean => schema.type === "null" || schema.const === null;

/** Decide how a schema is edited. */
export function fieldOf(schema: JsonSchema, root: JsonSchema): FieldSpec {
  const whole = resolved(schema, root);
  const all = (whole.anyOf ?? whole.oneOf ?? []).map((each) => resolved(each, root));
  if (all.length > 0) {
    const variants = all.filter((each) => !isNull(each));
    const nullable = variants.length < all.length;
    const beside = { ...whole };
    delete beside.anyOf;
    delete beside.oneOf;
    const only = variants.length === 1 ? variants[0] : undefined;
    if (only !== undefined) return { ...fieldOf({ ...only, ...beside }, root), nullable };
    if (isAnything(variants)) return { kind: "any", schema: beside, nullable, variants: [] };
    const choices = variants.map(choicesOf);
    if (choices.every((each) => each !== null)) {
      return { kind: "choice", schema: { ...beside, enum: choices.flat() }, nullable, variants: [] };
    }
    return { kind: variants.length === 0 ? "any" : "variants", schema: { ...beside }, nullable, variants };
  }
  return { kind: kindOf(whole, root), schema: whole, nullable: false, variants: [] };
}

const PLAIN = ["string", "boolean", "array", "object"];
/** Whether the variants are all that JSON can hold: such a field takes any value. */
function isAnything(variants: JsonSchema[]): boolean {
  const types = new Set(variants.flatMap((each) => (typeof each.type === "string" ? [each.type] : [])));
  return PLAIN.every((type) => types.has(type)) && (types.has("number") || types.has("integer"));
}

function choicesOf(schema: JsonSchema): Json[] | null {
  if (schema.enum !== undefined) return schema.enum;
  return schema.const !== undefined ? [schema.const] : null;
}

function kindOf(schema: JsonSchema, root: JsonSchema): FieldKind {
  if (choicesOf(schema) !== null) return "choice";
  switch (schema.type) {
    case "string":
      return schema.format === "mulgil-duration" ? "duration" : schema.format === "date-time" ? "instant" : "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return schema.items !== undefined && choicesOf(resolved(schema.items, root)) !== null ? "choices" : "list";
    case "object":
      return schema.properties !== undefined ? "object" : "map";
    default:
      return "any";
  }
}

/** The values a `choice` offers. */
export const offered = (schema: JsonSchema): Json[] => choicesOf(schema) ?? [];

export interface Property {
  name: string;
  schema: JsonSchema;
  required: boolean;
}

/** The fields of an object, in the author's order. */
export const propertiesOf = (schema: JsonSchema): Property[] =>
  Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: property,
    required: schema.required?.includes(name) ?? false,
  }));

/**
 * Which fields stand in the form and which wait under `Add option`: a field stands when it is required, set, or
 * one of the few first that a type without required fields would otherwise show none of.
 */
export function standing(properties: Property[], value: JsonObject, opened: ReadonlySet<string>): { shown: Property[]; rest: Property[] } {
  const required = properties.filter((each) => each.required);
  const isShown = (each: Property): boolean =>
    each.required ||
    Object.hasOwn(value, each.name) ||
    opened.has(each.name) ||
    (required.length === 0 && properties.length <= 4) ||
    each.schema["x-primary"] === true;
  return {
    shown: [...properties.filter((each) => isShown(each))].sort((a, b) => Number(b.required) - Number(a.required)),
    rest: properties.filter((each) => !isShown(each)),
  };
}

/** A field's name as people read it: the author's title, else its key in plain words. */
export function labelOf(name: string, schema: JsonSchema): string {
  if (schema.title !== undefined && schema.title !== "") return schema.title;
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The value a new field begins with: its default, else the emptiest value that fits. */
export function beginning(schema: JsonSchema, root: JsonSchema): Json {
  const spec = fieldOf(schema, root);
  if (spec.schema.default !== undefined && spec.schema.default !== null) return spec.schema.default;
  switch (spec.kind) {
    case "number":
      return typeof spec.schema.minimum === "number" ? spec.schema.minimum : 0;
    case "boolean":
      return false;
    case "choice":
      return offered(spec.schema)[0] ?? null;
    case "list":
    case "choices":
      return [];
    case "map":
      return {};
    case "object":
      return Object.fromEntries(
        propertiesOf(spec.schema)
          .filter((each) => each.required)
          .map((each) => [each.name, beginning(each.schema, root)]),
      );
    case "variants":
      return spec.variants[0] ? beginning(spec.variants[0], root) : null;
    case "duration":
      return "30s";
    case "text":
    case "instant":
    case "any":
      return "";
  }
}

/** Which variant a value is of: the first whose type it has. */
export function variantOf(value: Json | undefined, variants: JsonSchema[]): number {
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const fits = (schema: JsonSchema): boolean => {
    const choices = choicesOf(schema);
    if (choices !== null) return choices.some((each) => each === value);
    if (kind === "object" && schema.type === "object") {
      const keys = Object.keys(value as JsonObject);
      return schema.properties === undefined || keys.every((key) => Object.hasOwn(schema.properties ?? {}, key));
    }
    if (kind === "number") return schema.type === "number" || (schema.type === "integer" && Number.isInteger(value));
    return schema.type === kind || schema.type === undefined;
  };
  const found = variants.findIndex(fits);
  return found === -1 ? 0 : found;
}
