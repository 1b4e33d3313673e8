/** What differs between two documents, as the canvas draws it: a mark per node and per edge. */
import { edgeKey, type FlowDocument } from "./types";

export type Mark = "added" | "removed" | "changed" | "moved";

export interface Difference {
  nodes: ReadonlyMap<string, Mark>;
  edges: ReadonlyMap<string, "added" | "removed">;
}

export function difference(before: FlowDocument, after: FlowDocument): Difference {
  const nodes = new Map<string, Mark>();
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  for (const node of after.nodes) {
    const was = old.get(node.id);
    old.delete(node.id);
    if (was === undefined) nodes.set(node.id, "added");
    else if (text({ ...was, position: null }) !== text({ ...node, position: null })) nodes.set(node.id, "changed");
    else if (text(was.position ?? null) !== text(node.position ?? null)) nodes.set(node.id, "moved");
  }
  for (const id of old.keys()) nodes.set(id, "removed");
  const oldEdges = new Set(before.edges.map(edgeKey));
  const newEdges = new Set(after.edges.map(edgeKey));
  const edges = new Map<string, "added" | "removed">();
  for (const key of newEdges) if (!oldEdges.has(key)) edges.set(key, "added");
  for (const key of oldEdges) if (!newEdges.has(key)) edges.set(key, "removed");
  return { nodes, edges };
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

/** JSON with its keys in order, so that two alike objects have one text. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
