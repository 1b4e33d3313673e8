/** Take nodes into a container or out of one. Edges that would cross its wall are taken away. */
import { withDescendants } from "../graph";
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";
import { move } from "./move";

export function setParent(document: FlowDocument, operation: OperationOf<"set_parent">): FlowDocument {
  const { parent, positions } = operation;
  // A container that isn't there holds nothing, and none can stand inside itself or inside what it holds.
  if (parent !== null && (!document.nodes.some((node) => node.id === parent) || withDescendants(document, operation.nodes).has(parent))) return document;
  const moved = new Set(operation.nodes);
  const nodes = document.nodes.map((node) => (moved.has(node.id) ? { ...node, parent } : node));
  const parents = new Map(nodes.map((node) => [node.id, node.parent ?? null]));
  const edges = document.edges.filter((edge) => parents.get(edge.from) === parents.get(edge.to));
  return move({ ...document, nodes, edges }, { kind: "move", positions });
}
