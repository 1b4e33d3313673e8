/**
 * What can be known of values before they are there: a shape from a schema, a sample from the last run, or both.
 * Completion asks it for the keys at a path.
 */
import type { JsonSchema } from "@/api/types";
import type { Json } from "@/document/types";
import { fieldOf } from "../form/schema";

export interface Known {
  schema?: JsonSchema | undefined;
  /** The schema whose `$defs` references point into. */
  root?: JsonSchema | undefined;
  sample?: Json | undefined;
}

export type Key = string | number;

export interface Offer {
  name: string;
  /** What stands there: a type, or the sample in short. */
  detail: string;
}

/** What is known of the value at a key. */
export function inside(known: Known, key: Key): Known {
  const { root = known.schema } = known;
  const next: Known = { root };
  if (known.schema !== undefined && root !== undefined) {
    const { schema } = fieldOf(known.schema, root);
    const extra = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    next.schema = typeof key === "number" ? schema.items : (schema.properties?.[key] ?? extra);
  }
  const { sample } = known;
  if (Array.isArray(sample) && typeof key === "number") next.sample = sample.at(key);
  else if (sample !== null && typeof sample === "object" && !Array.isArray(sample) && Object.hasOwn(sample, key)) next.sample = sample[key];
  return next;
}

/** The keys known at a place, those of the sample first: it is what really came. */
export function offers(known: Known): Offer[] {
  const found = new Map<string, Offer>();
  const { sample, schema, root = known.schema } = known;
  if (sample !== null && typeof sample === "object" && !Array.isArray(sample)) {
    for (const [name, value] of Object.entries(sample)) found.set(name, { name, detail: short(value) });
  }
  if (schema !== undefined && root !== undefined) {
    const spec = fieldOf(schema, root);
    for (const [name, property] of Object.entries(spec.schema.properties ?? {})) {
      if (!found.has(name)) found.set(name, { name, detail: fieldOf(property, root).kind });
    }
  }
  return [...found.values()];
}

export function short(value: Json | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `[${value.length}]`;
  if (value !== null && typeof value === "object") return "{…}";
  const said = JSON.stringify(value);
  return said.length > 24 ? `${said.slice(0, 23)}…` : said;
}
