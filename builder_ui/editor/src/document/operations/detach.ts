/** Take nodes out of their chain and heal it: what led to them now leads to what they led to. */
import { COMPENSATE, canConnect, withDescendants } from "../graph";
import { edgeKey, type DocumentEdge, type FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function detach(document: FlowDocument, { nodes }: OperationOf<"detach">): FlowDocument {
  let edges = document.edges;
  for (const id of nodes) edges = healed(edges, id);
  const outside = new Set(document.nodes.filter((node) => !nodes.includes(node.id)).map((node) => node.id));
  const cut = edges.filter((edge) => outside.has(edge.from) === outside.has(edge.to));
  const fresh = new Set(document.edges.map(edgeKey));
  let next: FlowDocument = { ...document, edges: cut.filter((edge) => fresh.has(edgeKey(edge))) };
  for (const edge of cut) {
    // A bridge that would cross a wall or close a circle is left out; the two ends simply stand apart.
    if (!fresh.has(edgeKey(edge)) && canConnect(next, edge) === null) next = { ...next, edges: [...next.edges, edge] };
  }
  return next;
}

/** The edges with bridges over the node added; the node's own edges stay, for the caller to sort. */
function healed(edges: DocumentEdge[], id: string): DocumentEdge[] {
  const into = edges.filter((edge) => edge.to === id && edge.port !== COMPENSATE);
  const outOf = edges.filter((edge) => edge.from === id && edge.port !== COMPENSATE && edge.port !== "error");
  const bridges = into.flatMap((first) => outOf.map((last) => ({ ...first, to: last.to })));
  const known = new Set(edges.map(edgeKey));
  const added: DocumentEdge[] = [];
  for (const bridge of bridges) {
    if (bridge.from === bridge.to || known.has(edgeKey(bridge))) continue;
    known.add(edgeKey(bridge));
    added.push(bridge);
  }
  return [...edges, ...added];
}

/** Remove nodes and heal the chain they stood in. */
export function removeAndReconnect(
  document: FlowDocument,
  { nodes }: OperationOf<"remove_and_reconnect">,
  remove: (document: FlowDocument, operation: OperationOf<"remove">) => FlowDocument,
): FlowDocument {
  const all = [...withDescendants(document, nodes)];
  return remove(detach(document, { kind: "detach", nodes: all }), { kind: "remove", nodes });
}
