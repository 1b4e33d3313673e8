/** Set fields of a node; `undefined` takes one away. */
import { patched } from "../patched";
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function updateNode(document: FlowDocument, { id, patch }: OperationOf<"update_node">): FlowDocument {
  return { ...document, nodes: document.nodes.map((node) => (node.id === id ? patched(node, patch) : node)) };
}
