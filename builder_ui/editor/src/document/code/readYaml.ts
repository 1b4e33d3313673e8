/** YAML as the server reads it: the core schema of 1.2, no aliases and no tags, each key once. Loaded when YAML is looked at. */
import { Document, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, visit, type Node, type YAMLMap } from "yaml";
import type { FlowDocument, Json } from "../types";
import { DEEPEST, pointerOf, type Fault, type Path, type Source, type Span } from "./source";

// Each key is held against those before it in `mapOf`: the library holds it against every other, which a long map makes minutes.
const OPTIONS = { version: "1.2", schema: "core", uniqueKeys: false, merge: false } as const;

/** A text longer than this takes the library so long that the page would stand still; as JSON it is read in a moment. */
export const LONGEST_YAML = 200_000;

export function readYaml(text: string): Source {
  if (text.length > LONGEST_YAML) return alone("long", String(LONGEST_YAML));
  try {
    return readShort(text);
  } catch (error) {
    if (error instanceof RangeError) return alone("deep", "");
    throw error;
  }
}

/** One fault of the text as a whole. */
const alone = (why: Fault["why"], what: string): Source => ({ value: undefined, faults: [{ from: 0, to: 1, why, what }], places: new Map() });

function readShort(text: string): Source {
  const read = parseDocument(text, OPTIONS);
  const faults: Fault[] = read.errors.map(({ pos, code, message }) => ({
    from: pos[0],
    to: Math.max(pos[0] + 1, pos[1]),
    // It calls itself for each level, and says so where the stack ends.
    why: code === "RESOURCE_EXHAUSTION" ? "deep" : "yaml",
    what: (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, ""),
  }));
  const places = new Map<string, Span>();
  if (read.errors.length > 0) return { value: undefined, faults, places };
  const value = jsonOf(read.contents, [], places, faults);
  return { value: faults.length > 0 ? undefined : value, faults, places };
}

/** The value of a node, its place told, and what JSON can't say found. */
function jsonOf(node: Node | null, path: Path, places: Map<string, Span>, faults: Fault[]): Json {
  const [from = 0, to = from] = node?.range ?? [];
  const fault = (why: Fault["why"], what = ""): Json => {
    faults.push({ from, to: Math.max(to, from + 1), why, what });
    return null;
  };
  places.set(pointerOf(path), { from, to });
  if (node === null) return null;
  if (path.length > DEEPEST) return fault("deep");
  if (isAlias(node)) return fault("alias", node.source);
  if (node.anchor !== undefined || (node.tag !== undefined && isExplicit(node))) return fault("alias", node.anchor ?? node.tag ?? "");
  if (isSeq(node)) return node.items.map((item, at) => jsonOf(item as Node | null, [...path, at], places, faults));
  if (isMap(node)) return mapOf(node, path, places, faults);
  if (!isScalar(node)) return fault("noJson");
  const { value } = node;
  if (typeof value === "number" && !Number.isFinite(value)) return fault("noJson", String(node.source ?? value));
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return fault("noJson", String(node.source ?? ""));
}

function mapOf(node: YAMLMap, path: Path, places: Map<string, Span>, faults: Fault[]): Json {
  const entries = new Map<string, Json>();
  for (const pair of node.items) {
    const key = isPair(pair) ? pair.key : null;
    if (!isScalar(key)) {
      const [from = 0, to = from + 1] = (key as Node | null)?.range ?? node.range ?? [];
      faults.push({ from, to, why: "noJson", what: "" });
      continue;
    }
    // A key is what is written: `1.0` stays `1.0`.
    const name = typeof key.value === "string" ? key.value : String(key.source ?? key.value);
    if (entries.has(name)) faults.push({ from: key.range?.[0] ?? 0, to: key.range?.[1] ?? 1, why: "twice", what: name });
    const value = jsonOf(pair.value as Node | null, [...path, name], places, faults);
    const place = places.get(pointerOf([...path, name]));
    if (place !== undefined && place.to === 0 && key.range) places.set(pointerOf([...path, name]), { from: key.range[0], to: key.range[1] });
    entries.set(name, value);
  }
  return Object.fromEntries(entries);
}

/** Tags of the core schema are implied; any that is written is a wish for something else. */
const isExplicit = (node: Node): boolean => isScalar(node) && node.tag !== undefined;

/** The document as YAML that the server and this reader read as the same. Places and arrows take one line each. */
export function yamlOf(document: FlowDocument): string {
  const made = new Document(document, { ...OPTIONS, aliasDuplicateObjects: false });
  visit(made, {
    Pair: (_key, pair) => {
      if (!isScalar(pair.key)) return undefined;
      if (pair.key.value === "position" && isMap(pair.value)) pair.value.flow = true;
      if (pair.key.value === "edges" && isSeq(pair.value)) for (const item of pair.value.items) if (isMap(item)) item.flow = true;
      return undefined;
    },
  });
  return made.toString({ lineWidth: 0, flowCollectionPadding: true });
}
