/** After a merge: no arrow, no wall and no note leads to a node that went. What someone just wired or filled comes back. */
import type { Conflict } from "./merge";
import { edgeKey, type DocumentNode, type FlowDocument, type Json } from "./types";

interface Documents {
  bases: readonly FlowDocument[];
  mine: FlowDocument;
  theirs: FlowDocument;
}

export function mended(document: FlowDocument, sides: Documents, conflicts: Conflict[]): FlowDocument {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const wasThere = new Set(sides.bases.flatMap((base) => base.edges.map(edgeKey)));
  // An arrow that both began with goes with its node; a new one holds the node.
  const wanted = document.edges.filter((edge) => !wasThere.has(edgeKey(edge))).flatMap((edge) => [edge.from, edge.to]);
  const queue = [...wanted, ...document.nodes.map((node) => node.parent ?? "")];
  const back: DocumentNode[] = [];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (nodes.has(id)) continue;
    const found = lastOf(id, sides);
    if (found === undefined) continue;
    const removed = sides.mine.nodes.some((node) => node.id === id) ? "theirs" : "mine";
    conflicts.push({ of: id, path: [], mine: undefined, theirs: found as unknown as Json, removed });
    nodes.set(id, found);
    back.push(found);
    if (found.parent != null) queue.push(found.parent);
  }
  const all = unwound([...document.nodes, ...back], sides.theirs);
  const notes = (document.notes ?? []).map((note) => (note.parent != null && !nodes.has(note.parent) ? { ...note, parent: null } : note));
  const edges = document.edges.filter((edge) => nodes.has(edge.from) && nodes.has(edge.to));
  const isWhole = back.length === 0 && edges.length === document.edges.length && all === document.nodes;
  return isWhole && notes.every((note, index) => note === document.notes?.[index]) ? document : { ...document, nodes: all, edges, notes };
}

const lastOf = (id: string, { bases, mine, theirs }: Documents): DocumentNode | undefined =>
  [theirs, mine, ...bases].map((from) => from.nodes.find((node) => node.id === id)).find((node) => node !== undefined);

/** Two moved containers into each other: their walls stand. */
function unwound(nodes: DocumentNode[], theirs: FlowDocument): DocumentNode[] {
  const parents = new Map(nodes.map((node) => [node.id, node.parent ?? null]));
  const winds = (id: string): boolean => {
    const seen = new Set<string>();
    for (let at = parents.get(id) ?? null; at !== null; at = parents.get(at) ?? null) {
      if (at === id) return true;
      if (seen.has(at)) return false;
      seen.add(at);
    }
    return false;
  };
  const wound = new Set(nodes.filter((node) => winds(node.id)).map((node) => node.id));
  if (wound.size === 0) return nodes;
  const wall = new Map(theirs.nodes.map((node) => [node.id, node.parent ?? null]));
  return nodes.map((node) => (wound.has(node.id) ? { ...node, parent: wall.get(node.id) ?? null } : node));
}
