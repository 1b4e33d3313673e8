/** A schema learned from a sample: what is there, and of which kind. It demands nothing, for one sample proves no rule. */
import type { Json, JsonObject } from "./types";

const isObject = (value: Json | undefined): value is JsonObject => value !== null && typeof value === "object" && !Array.isArray(value);

export function learned(sample: Json): JsonObject {
  if (sample === null) return {};
  if (Array.isArray(sample)) {
    const items = sample.map(learned).reduce<JsonObject | null>((all, one) => (all === null ? one : both(all, one)), null);
    return items === null || Object.keys(items).length === 0 ? { type: "array" } : { type: "array", items };
  }
  if (typeof sample === "object") {
    return { type: "object", properties: Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, learned(value)])) };
  }
  if (typeof sample === "number") return { type: Number.isInteger(sample) ? "integer" : "number" };
  return { type: typeof sample };
}

/** What holds for both; nothing where they differ in kind. */
function both(one: JsonObject, other: JsonObject): JsonObject {
  if (Object.keys(one).length === 0) return other;
  if (Object.keys(other).length === 0) return one;
  const kinds = new Set([one.type, other.type]);
  if (kinds.size === 2) return kinds.has("integer") && kinds.has("number") ? { type: "number" } : {};
  if (one.type === "array") return { type: "array", ...withItems(one, other) };
  if (one.type !== "object") return one;
  const [left, right] = [isObject(one.properties) ? one.properties : {}, isObject(other.properties) ? other.properties : {}];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const of = (all: JsonObject, name: string): JsonObject => (isObject(all[name]) ? all[name] : {});
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, both(of(left, name), of(right, name))])) };
}

function withItems(one: JsonObject, other: JsonObject): JsonObject {
  const [left, right] = [one.items, other.items];
  if (!isObject(left)) return isObject(right) ? { items: right } : {};
  return { items: isObject(right) ? both(left, right) : left };
}

/** What is known by now and what the sample adds: what a person wrote stays. */
export function withLearned(schema: JsonObject, sample: Json): JsonObject {
  const found = learned(sample);
  if (found.type !== "object") return schema;
  const before = isObject(schema.properties) ? schema.properties : {};
  const fresh = isObject(found.properties) ? found.properties : {};
  return { ...schema, type: "object", properties: { ...fresh, ...before } };
}
