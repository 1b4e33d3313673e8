/**
 * From what a text says to a document the editor can hold.
 *
 * Only what the editor itself stands on is asked here: lists of nodes with ids and types, arrows with ends. Whether it
 * can run, and every finer rule, is the server's to say.
 */
import { isId } from "../ids";
import { isObject, own, same } from "../same";
import type { FlowDocument, Json } from "../types";
import { placeOf, pointerOf, type Fault, type Path, type Source, type Why } from "./source";

interface Field {
  name: string;
  fits: (value: unknown) => boolean;
  isNeeded?: boolean;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isPlace = (value: unknown): boolean => isObject(value) && typeof value.x === "number" && typeof value.y === "number";
const orNull = (fits: (value: unknown) => boolean) => (value: unknown): boolean => value === null || fits(value);
const field = (name: string, fits: Field["fits"], isNeeded = false): Field => ({ name, fits, isNeeded });

const NODE: readonly Field[] = [
  field("id", isText, true), field("type", isText, true), field("label", isText), field("description", isText), field("position", orNull(isPlace)), field("config", isObject),
  field("credential", orNull(isText)), field("parent", orNull(isText)), field("join", (value) => value === "all" || value === "any" || (isObject(value) && typeof value.count === "number")),
  field("each", orNull((value) => isObject(value) && own(value, "items") !== undefined)), field("timeout", orNull(isText)), field("retry", orNull(isObject)), field("on_error", isText), field("effect", orNull(isText)),
  field("disabled", (value) => typeof value === "boolean"),
];
const EDGE: readonly Field[] = [field("from", isText, true), field("to", isText, true), field("port", isText)];
const NOTE: readonly Field[] = [
  field("id", isText, true), field("text", isText), field("color", isText), field("position", isPlace, true),
  field("width", (value) => typeof value === "number"), field("height", (value) => typeof value === "number"), field("parent", orNull(isText)),
];
const TEST: readonly Field[] = [field("name", isText, true), field("input", isObject), field("trigger", orNull(isText)), field("mocks", isObject), field("expect", isObject)];
const FLOW: readonly Field[] = [field("name", isText), field("description", isText), field("inputs", isObject), field("settings", isObject), field("pins", isObject)];
const LISTS: readonly [name: "nodes" | "edges" | "notes" | "tests", fields: readonly Field[], isNeeded: boolean][] = [
  ["nodes", NODE, true],
  ["edges", EDGE, true],
  ["notes", NOTE, false],
  ["tests", TEST, false],
];

/** Why what is said is no document, at its places; none where it is one. */
export function misfitsOf(source: Source): Fault[] {
  const { value } = source;
  if (value === undefined) return [];
  const faults: Fault[] = [];
  const add = (path: Path, why: Why, what: string): void => void faults.push({ ...placeOf(source, pointerOf(path)), why, what });
  if (!isObject(value)) {
    add([], "object", "");
    return faults;
  }
  if (own(value, "dsl") !== 1) add(["dsl"], "dsl", "");
  fieldsOf(value, FLOW, [], add);
  for (const [name, fields, isNeeded] of LISTS) {
    const list = own(value, name);
    if (list === undefined && !isNeeded) continue;
    if (!Array.isArray(list)) {
      add([name], "list", name);
      continue;
    }
    list.forEach((item: unknown, at) => {
      if (isObject(item)) fieldsOf(item, fields, [name, at], add);
      else add([name, at], "kind", String(at + 1));
    });
  }
  idsOf(value, add);
  return faults;
}

type Add = (path: Path, why: Why, what: string) => void;

function fieldsOf(item: Record<string, unknown>, fields: readonly Field[], path: Path, add: Add): void {
  for (const { name, fits, isNeeded } of fields) {
    const value = own(item, name);
    if (value === undefined) {
      if (isNeeded) add(path, "needed", name);
    } else if (!fits(value)) add([...path, name], "kind", name);
  }
}

/** Ids are what everything is known by: each is one, and stands once among nodes and notes. */
function idsOf(value: Record<string, unknown>, add: Add): void {
  const taken = new Set<string>();
  for (const name of ["nodes", "notes"]) {
    const list = own(value, name);
    if (!Array.isArray(list)) continue;
    list.forEach((item: unknown, at) => {
      const id = own(item, "id");
      if (typeof id !== "string") return;
      if (!isId(id)) add([name, at, "id"], "id", id);
      else if (taken.has(id)) add([name, at, "id"], "idTwice", id);
      taken.add(id);
    });
  }
}

/**
 * The document as it is said, with the former object of everything that stayed the same: a node keeps what it is
 * known by, and a text that says nothing new is no edit.
 */
export function taken(before: FlowDocument, said: Json): FlowDocument {
  const document = said as unknown as FlowDocument;
  if (same(before, document)) return before;
  const kept = <T>(old: readonly T[] | undefined, fresh: readonly T[], keyOf: (item: T) => string): T[] => {
    const known = new Map((old ?? []).map((item) => [keyOf(item), item]));
    return fresh.map((item) => {
      const was = known.get(keyOf(item));
      return was !== undefined && same(was, item) ? was : item;
    });
  };
  return {
    ...document,
    nodes: kept(before.nodes, document.nodes, (node) => node.id),
    edges: kept(before.edges, document.edges, (edge) => JSON.stringify([edge.from, edge.port ?? "out", edge.to])),
    ...(document.notes === undefined ? {} : { notes: kept(before.notes, document.notes, (note) => note.id) }),
    ...(document.tests === undefined ? {} : { tests: kept(before.tests, document.tests, (test) => test.name) }),
  };
}
