/** What differs between two documents, as the canvas draws it: a mark per node and per edge, and both as one document. */
import { edgeKey, type FlowDocument } from "./types";

export type Mark = "added" | "removed" | "changed" | "moved";

export interface Difference {
  nodes: ReadonlyMap<string, Mark>;
  edges: ReadonlyMap<string, "added" | "removed">;
}

/** Both documents as one: what came after, and what was taken away since, where it stood. */
export function united(before: FlowDocument, after: FlowDocument): FlowDocument {
  const nodes = new Set(after.nodes.map((node) => node.id));
  const edges = new Set(after.edges.map(edgeKey));
  const gone = before.nodes.filter((node) => !nodes.has(node.id));
  const all = new Set([...nodes, ...gone.map((node) => node.id)]);
  const standing = gone.map((node) => (node.parent == null || all.has(node.parent) ? node : { ...node, parent: null }));
  const lost = before.edges.filter((edge) => !edges.has(edgeKey(edge)) && all.has(edge.from) && all.has(edge.to));
  return { ...after, nodes: [...after.nodes, ...standing], edges: [...after.edges, ...lost] };
}
