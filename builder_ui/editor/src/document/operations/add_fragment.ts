/** Add nodes, edges and notes. Ids must be free already: `fitted` of fragment.ts sees to that. */
import { edgeKey, type FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function addFragment(document: FlowDocument, { fragment }: OperationOf<"add_fragment">): FlowDocument {
  const taken = new Set([...document.nodes, ...(document.notes ?? [])].map((item) => item.id));
  const nodes = fragment.nodes.filter((node) => !taken.has(node.id));
  const notes = fragment.notes.filter((note) => !taken.has(note.id));
  const parents = new Map([...document.nodes, ...nodes].map((node) => [node.id, node.parent ?? null]));
  const standing = new Set(document.edges.map(edgeKey));
  const edges = fragment.edges.filter(
    (edge) => parents.has(edge.from) && parents.get(edge.from) === parents.get(edge.to) && !standing.has(edgeKey(edge)),
  );
  return {
    ...document,
    nodes: [...document.nodes, ...nodes],
    edges: [...document.edges, ...edges],
    notes: [...(document.notes ?? []), ...notes],
    pins: { ...document.pins, ...fragment.pins },
  };
}
