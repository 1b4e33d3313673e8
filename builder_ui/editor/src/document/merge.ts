/**
 * Two people's edits of one document brought together, field by field of each node.
 *
 * What only one of them changed is taken from that one. Where both changed the same field, mine stands
 * and is reported; a node that one removed and the other changed stays.
 */
import { edgeKey, type DocumentEdge, type FlowDocument } from "./types";

export interface Merged {
  document: FlowDocument;
  /** Where both had changed the same: `charge.config.url`. */
  conflicts: string[];
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

export function merged(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): Merged {
  if (same(base, theirs)) return { document: mine, conflicts: [] };
  const conflicts: string[] = [];
  const { nodes: _b, edges: _be, notes: _bn, ...baseRest } = base;
  const { nodes: _m, edges: _me, notes: _mn, ...mineRest } = mine;
  const { nodes: _t, edges: _te, notes: _tn, ...theirsRest } = theirs;
  const rest = value(baseRest, mineRest, theirsRest, "", conflicts) as Omit<FlowDocument, "nodes" | "edges" | "notes">;
  const nodes = list(base.nodes, mine.nodes, theirs.nodes, (node) => node.id, conflicts);
  const notes = list(base.notes ?? [], mine.notes ?? [], theirs.notes ?? [], (note) => note.id, conflicts);
  const known = new Set(nodes.map((node) => node.id));
  const edges = list<DocumentEdge>(base.edges, mine.edges, theirs.edges, edgeKey, conflicts);
  return {
    document: { ...rest, nodes, edges: edges.filter((edge) => known.has(edge.from) && known.has(edge.to)), notes },
    conflicts,
  };
}

function list<T>(base: readonly T[], mine: readonly T[], theirs: readonly T[], keyOf: (item: T) => string, conflicts: string[]): T[] {
  const index = (items: readonly T[]) => new Map(items.map((item) => [keyOf(item), item]));
  const [inBase, inMine, inTheirs] = [index(base), index(mine), index(theirs)];
  const result: T[] = [];
  for (const [key, item] of inMine) {
    const before = inBase.get(key);
    const other = inTheirs.get(key);
    // Gone on their side: it goes here too, unless it is new or changed here.
    if (other === undefined) {
      if (before === undefined || !same(before, item)) result.push(item);
    } else result.push(value(before, item, other, key, conflicts) as T);
  }
  for (const [key, item] of inTheirs) {
    if (inMine.has(key)) continue;
    const before = inBase.get(key);
    if (before === undefined || !same(before, item)) result.push(item);
  }
  return result;
}

function value(base: unknown, mine: unknown, theirs: unknown, path: string, conflicts: string[]): unknown {
  if (same(mine, theirs) || same(base, theirs)) return mine;
  if (same(base, mine)) return theirs;
  if (isObject(mine) && isObject(theirs)) return fields(isObject(base) ? base : {}, mine, theirs, path, conflicts);
  conflicts.push(path);
  return mine;
}

function fields(
  base: Record<string, unknown>,
  mine: Record<string, unknown>,
  theirs: Record<string, unknown>,
  path: string,
  conflicts: string[],
): Record<string, unknown> {
  const own = (object: Record<string, unknown>, key: string) => (Object.hasOwn(object, key) ? object[key] : undefined);
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const entries = [...names].map((name): [string, unknown] => [
    name,
    value(own(base, name), own(mine, name), own(theirs, name), path === "" ? name : `${path}.${name}`, conflicts),
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
