/**
 * Two people's edits of one document brought together, field by field of each node.
 *
 * What only one of them changed is taken from that one. Where both changed the same field, mine stands and is
 * reported with theirs; what one removed and the other changed or wired stays, and is reported too. Where a mover
 * meets a mover (places, sizes), mine stands and nobody is bothered.
 */
import { own, isObject, same } from "./same";
import { edgeKey, type Case, type DocumentEdge, type FlowDocument, type Json } from "./types";
import { mended } from "./mend";

/** Both had changed the same. Without `removed` it is a field, of a node or note (`of`) or of the flow (null). */
export interface Conflict {
  of: string | null;
  path: string[];
  mine: Json | undefined;
  theirs: Json | undefined;
  /** One had removed it, the other changed or wired it: it stays. */
  removed?: "mine" | "theirs";
}

export interface Merged {
  document: FlowDocument;
  conflicts: Conflict[];
}

/** What both sides began with: the base, and saves of mine of which nobody knows whether they arrived. */
export type Bases = readonly FlowDocument[];

interface Sides {
  bases: readonly unknown[];
  mine: unknown;
  theirs: unknown;
}

/** Of these mine stands without a word: nobody types a place. */
const QUIET = new Set(["position", "width", "height"]);

/** Theirs, or mine, is answered itself where nothing else came of it: "nothing to save" is seen by identity. */
export function merged(bases: FlowDocument | Bases, mine: FlowDocument, theirs: FlowDocument): Merged {
  const all: Bases = Array.isArray(bases) ? (bases as Bases) : [bases as FlowDocument];
  const conflicts: Conflict[] = [];
  if (all.some((base) => base === theirs || same(base, theirs))) return { document: same(mine, theirs) ? theirs : mine, conflicts };
  if (same(all[0], mine)) return { document: theirs, conflicts };
  const part = <T>(keyOf: (item: T) => string, of: (document: FlowDocument) => readonly T[]): T[] =>
    list({ bases: all.map(of), mine: of(mine), theirs: of(theirs) }, keyOf, conflicts);
  const { nodes: _nodes, edges: _edges, notes: _notes, tests: _tests, ...rest } = mine;
  const without = ({ nodes: _n, edges: _e, notes: _o, tests: _t, ...others }: FlowDocument) => others;
  const flow = fields({ bases: all.map(without), mine: rest, theirs: without(theirs) }, null, [], conflicts) as typeof rest;
  const document: FlowDocument = {
    ...flow,
    nodes: part((node) => node.id, (from) => from.nodes),
    edges: part<DocumentEdge>(edgeKey, (from) => from.edges),
    notes: part((note) => note.id, (from) => from.notes ?? []),
  };
  const tests = part<Case>((test) => test.name, (from) => from.tests ?? []);
  if (tests.length > 0 || mine.tests !== undefined || theirs.tests !== undefined) document.tests = tests;
  const whole = mended(document, { bases: all, mine, theirs }, conflicts);
  return { document: same(whole, theirs) ? theirs : same(whole, mine) ? mine : whole, conflicts };
}

/** By key; what stands twice under one key (a document in the making may) is told apart by its count. */
function indexed<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    let key = keyOf(item);
    for (let count = 2; found.has(key); count += 1) key = `${keyOf(item)}#${count}`;
    found.set(key, item);
  }
  return found;
}

interface Lists<T> {
  bases: readonly (readonly T[])[];
  mine: readonly T[];
  theirs: readonly T[];
}

function list<T>(sides: Lists<T>, keyOf: (item: T) => string, conflicts: Conflict[]): T[] {
  const bases = sides.bases.map((items) => indexed(items, keyOf));
  const [mine, theirs] = [indexed(sides.mine, keyOf), indexed(sides.theirs, keyOf)];
  const stands = new Map<string, T>();
  for (const key of inOrder([...(bases[0]?.keys() ?? [])], [...mine.keys()], [...theirs.keys()])) {
    const before = bases.map((base) => base.get(key)).filter((item) => item !== undefined);
    const [left, right] = [mine.get(key), theirs.get(key)];
    if (left !== undefined && right !== undefined) {
      stands.set(key, value({ bases: before, mine: left, theirs: right }, key, [], conflicts) as T);
      continue;
    }
    const kept = (left ?? right) as T;
    // Gone on the other side: it goes here too, unless it is new or changed on this one. A save that may not have
    // arrived is no proof that they ever had it.
    const began = left === undefined ? before : [bases[0]?.get(key)].filter((item) => item !== undefined);
    if (began.some((item) => same(item, kept))) continue;
    if (began.length > 0) conflicts.push({ of: key, path: [], mine: left as Json, theirs: right as Json, removed: left === undefined ? "mine" : "theirs" });
    stands.set(key, kept);
  }
  return [...stands.values()];
}

/** My order, with theirs behind, unless they alone put it into another one. */
function inOrder(base: string[], mine: string[], theirs: string[]): string[] {
  const isAsBefore = (keys: string[]): boolean => {
    const [here, before] = [new Set(keys), new Set(base)];
    return base.filter((key) => here.has(key)).join("\n") === keys.filter((key) => before.has(key)).join("\n");
  };
  return [...new Set(isAsBefore(mine) && !isAsBefore(theirs) ? [...theirs, ...mine] : [...mine, ...theirs])];
}

function value(sides: Sides, of: string | null, path: string[], conflicts: Conflict[]): unknown {
  const { bases, mine, theirs } = sides;
  if (same(mine, theirs) || bases.some((base) => same(base, theirs)) || (bases.length === 0 && theirs === undefined)) return mine;
  if (same(bases[0], mine)) return theirs;
  if (QUIET.has(path.at(-1) ?? "")) return mine;
  if (isObject(mine) && isObject(theirs)) return fields(sides, of, path, conflicts);
  conflicts.push({ of, path, mine: mine as Json, theirs: theirs as Json });
  // What one took away and the other wrote stays written.
  return mine === undefined ? theirs : mine;
}

function fields({ bases, mine, theirs }: Sides, of: string | null, path: string[], conflicts: Conflict[]): Record<string, unknown> {
  const names = new Set([...Object.keys(mine as object), ...Object.keys(theirs as object)]);
  const entries = [...names].map((name): [string, unknown] => [
    name,
    value({ bases: bases.map((base) => own(base, name)), mine: own(mine, name), theirs: own(theirs, name) }, of, [...path, name], conflicts),
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
