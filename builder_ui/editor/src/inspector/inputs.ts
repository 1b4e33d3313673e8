/** A flow's inputs as a list of simple fields, and back as the JSON Schema that stands in the document. Pure. */
import type { Json, JsonObject } from "@/document/types";

export type InputType = "string" | "integer" | "number" | "boolean" | "object" | "array" | "any";
export const INPUT_TYPES: readonly InputType[] = ["string", "integer", "number", "boolean", "object", "array", "any"];

export interface InputField {
  name: string;
  type: InputType;
  required: boolean;
  description: string;
  /** A closed list of texts, or null. */
  choices: string[] | null;
  /** The text of its default as JSON; empty where it has none. */
  fallback: Json | undefined;
  /** What else its schema says, kept as it is while the type stays. */
  rest: JsonObject;
}

const KNOWN_TOP = new Set(["type", "properties", "required", "additionalProperties", "$schema"]);
/** Words of JSON Schema by which a field is more than its type; those are left to the JSON. */
const TOO_RICH = new Set(["$ref", "anyOf", "oneOf", "allOf", "not", "if", "const"]);

const isObject = (value: Json | undefined): value is JsonObject => value !== null && typeof value === "object" && !Array.isArray(value);

/** The fields of a schema, or null where it says more than the list can hold without losing it. */
export function fieldsOf(schema: JsonObject): InputField[] | null {
  const keys = Object.keys(schema);
  if (keys.some((key) => !KNOWN_TOP.has(key)) || (schema.type !== undefined && schema.type !== "object")) return null;
  if (schema.additionalProperties !== undefined && typeof schema.additionalProperties !== "boolean") return null;
  const properties = schema.properties ?? {};
  const required = schema.required ?? [];
  if (!isObject(properties) || !Array.isArray(required)) return null;
  const fields = Object.entries(properties).map(([name, field]) => fieldOf(name, field, required.includes(name)));
  return fields.every((field) => field !== null) ? fields : null;
}

function fieldOf(name: string, field: Json, required: boolean): InputField | null {
  if (!isObject(field) || Object.keys(field).some((key) => TOO_RICH.has(key))) return null;
  const { type: named, description, enum: listed, default: fallback, ...rest } = field;
  const type = named === undefined ? "any" : INPUT_TYPES.find((each) => each === named);
  const choices = listed === undefined ? null : Array.isArray(listed) && listed.every((each) => typeof each === "string") ? listed : undefined;
  if (type === undefined || choices === undefined) return null;
  return { name, type, required, description: typeof description === "string" ? description : "", choices, fallback, rest };
}

/** The schema of a list of fields. What `before` said of other properties is kept. */
export function schemaOf(fields: readonly InputField[], before: JsonObject): JsonObject {
  if (fields.length === 0) return {};
  const properties = Object.fromEntries(
    fields.map((field): [string, JsonObject] => {
      return [
        field.name,
        {
          ...(field.type === "any" ? {} : { type: field.type }),
          ...field.rest,
          ...(field.description === "" ? {} : { description: field.description }),
          ...(field.choices === null ? {} : { enum: field.choices }),
          ...(field.fallback === undefined ? {} : { default: field.fallback }),
        },
      ];
    }),
  );
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const extra: JsonObject = before.additionalProperties === undefined ? {} : { additionalProperties: before.additionalProperties };
  return { type: "object", properties, ...(required.length > 0 ? { required } : {}), ...extra };
}

/** A name no field has yet. */
export function freshName(fields: readonly InputField[], stem: string): string {
  const taken = new Set(fields.map((field) => field.name));
  if (!taken.has(stem)) return stem;
  for (let count = 2; ; count += 1) if (!taken.has(`${stem}_${count}`)) return `${stem}_${count}`;
}
