/** What differs between two documents, told part by part as the server tells it of versions: the same names, the same fields. */
import { isObject, own, same } from "../same";
import { portOf, type FlowDocument, type Json } from "../types";

export interface DocumentChange {
  what: "added" | "removed" | "changed" | "moved";
  part: "node" | "edge" | "note" | "test" | "pin" | "settings" | "inputs" | "flow";
  id: string;
  path: string;
  before: Json;
  after: Json;
}

type Part = DocumentChange["part"];
type Add = (change: Pick<DocumentChange, "what" | "part" | "id"> & { path?: string; before?: unknown; after?: unknown }) => void;

export function changesOf(before: FlowDocument, after: FlowDocument): DocumentChange[] {
  const found: DocumentChange[] = [];
  const add: Add = ({ path = "", before: was, after: is, ...change }) => void found.push({ ...change, path, before: (was ?? null) as Json, after: (is ?? null) as Json });
  for (const name of ["name", "description"] as const) inside("flow", "", before[name], after[name], `/${name}`, add);
  if (!same(before.inputs, after.inputs)) add({ what: "changed", part: "inputs", id: "", before: before.inputs, after: after.inputs });
  inside("settings", "", before.settings ?? {}, after.settings ?? {}, "", add);
  listed("node", before.nodes, after.nodes, (node) => node.id, add);
  listed("edge", before.edges, after.edges, (edge) => `${edge.from}.${portOf(edge)}>${edge.to}`, add);
  listed("note", before.notes ?? [], after.notes ?? [], (note) => note.id, add);
  listed("test", before.tests ?? [], after.tests ?? [], (test) => test.name, add);
  const pins = (document: FlowDocument) => Object.entries(document.pins ?? {}).map(([id, value]) => ({ id, value }));
  listed("pin", pins(before), pins(after), (pin) => pin.id, add);
  return found;
}

function listed<T extends object>(part: Part, before: readonly T[], after: readonly T[], keyOf: (item: T) => string, add: Add): void {
  const [old, fresh] = [new Map(before.map((item) => [keyOf(item), item])), new Map(after.map((item) => [keyOf(item), item]))];
  for (const [id, item] of old) if (!fresh.has(id)) add({ what: "removed", part, id, before: item });
  for (const [id, item] of fresh) {
    const was = old.get(id);
    if (was === undefined) add({ what: "added", part, id, after: item });
    else if (part === "edge") continue;
    else if (!same(was, item)) fieldsOf(part, id, was, item, add);
  }
}

function fieldsOf(part: Part, id: string, before: object, after: object, add: Add): void {
  const places: [unknown, unknown] = [own(before, "position"), own(after, "position")];
  if (!same(...places)) add({ what: "moved", part, id, path: "/position", before: places[0], after: places[1] });
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name !== "position") inside(part, id, own(before, name), own(after, name), `/${name}`, add);
  }
}

/** The smallest fields that differ: objects are looked into, lists are one value. */
function inside(part: Part, id: string, before: unknown, after: unknown, path: string, add: Add): void {
  if (same(before, after)) return;
  if (!isObject(before) || !isObject(after)) {
    add({ what: "changed", part, id, path, before, after });
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    inside(part, id, own(before, key), own(after, key), `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, add);
  }
}

/** A text may change so much that a person should see it as a list first: something goes, or many things change. */
const MANY = 8;
export const changesMuch = (changes: readonly DocumentChange[]): boolean =>
  changes.some(({ what, part }) => what === "removed" && part !== "edge") || new Set(changes.map(({ part, id }) => `${part}/${id}`)).size > MANY;
