/** Put a node into an edge: the edge now leads to the node, and the node's port to where the edge led. */
import { edgeKey, nodeOf, portOf, type FlowDocument } from "../types";
import type { OperationOf } from "../operation";
import { connect } from "./connect";
import { disconnect } from "./disconnect";

export function splice(document: FlowDocument, { edge: key, node, port }: OperationOf<"splice">): FlowDocument {
  const edge = document.edges.find((candidate) => edgeKey(candidate) === key);
  if (edge === undefined || edge.from === node || edge.to === node) return document;
  const cut = disconnect(document, { kind: "disconnect", edges: [key] });
  // The node takes its place in the container that the edge runs in.
  const parent = nodeOf(document, edge.from)?.parent ?? null;
  const nodes = cut.nodes.map((item) => (item.id === node && (item.parent ?? null) !== parent ? { ...item, parent } : item));
  const first = connect({ ...cut, nodes }, { kind: "connect", edge: { from: edge.from, to: node, port: portOf(edge) } });
  const last = connect(first, { kind: "connect", edge: { from: node, to: edge.to, port } });
  const isWhole = last.edges.length === document.edges.length + 1;
  return isWhole ? last : document;
}
