/** Questions about the graph of a document: what holds what, what leads where, what may be connected. */
import { edgeKey, nodeOf, portOf, type DocumentEdge, type FlowDocument } from "./types";

/** The port whose edge names the undo of a node; no part of the forward graph. */
export const COMPENSATE = "compensate";

/** The ids given and all that stand inside them, at any depth. */
export function withDescendants(document: FlowDocument, ids: Iterable<string>): Set<string> {
  const held = new Set(ids);
  const children = new Map<string, string[]>();
  for (const node of document.nodes) {
    if (node.parent == null) continue;
    const siblings = children.get(node.parent);
    if (siblings === undefined) children.set(node.parent, [node.id]);
    else siblings.push(node.id);
  }
  const queue = [...held];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const child of children.get(id) ?? []) {
      if (!held.has(child)) {
        held.add(child);
        queue.push(child);
      }
    }
  }
  return held;
}

type Direction = "up" | "down";

/** Everything that leads to the ids (`up`) or that they lead to (`down`), themselves included. */
export function reachable(document: FlowDocument, ids: Iterable<string>, direction: Direction): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of document.edges) {
    const [here, there] = direction === "down" ? [edge.from, edge.to] : [edge.to, edge.from];
    const list = next.get(here);
    if (list === undefined) next.set(here, [there]);
    else list.push(there);
  }
  const seen = new Set(ids);
  const queue = [...seen];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const other of next.get(id) ?? []) {
      if (!seen.has(other)) {
        seen.add(other);
        queue.push(other);
      }
    }
  }
  return seen;
}

/** Why an edge can't be drawn; null when it can. The texts stand in the languages under `connect.<reason>`. */
export type Refusal = "missing" | "itself" | "trigger" | "wall" | "circle" | "twin" | "undo";

export function canConnect(document: FlowDocument, edge: DocumentEdge): Refusal | null {
  if (edge.from === edge.to) return "itself";
  const [from, to] = [nodeOf(document, edge.from), nodeOf(document, edge.to)];
  if (from === undefined || to === undefined) return "missing";
  if (to.type.startsWith("trigger.")) return "trigger";
  if ((from.parent ?? null) !== (to.parent ?? null)) return "wall";
  if (document.edges.some((other) => edgeKey(other) === edgeKey(edge))) return "twin";
  const into = document.edges.filter((other) => other.to === edge.to);
  const isUndo = into.some((other) => portOf(other) === COMPENSATE);
  // An undo has exactly the one edge that names it as such.
  if (isUndo || (portOf(edge) === COMPENSATE && into.length > 0)) return "undo";
  if (reachable(document, [edge.to], "down").has(edge.from)) return "circle";
  return null;
}
