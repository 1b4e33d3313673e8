/** Take edges away. */
import { edgeKey, type FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function disconnect(document: FlowDocument, { edges }: OperationOf<"disconnect">): FlowDocument {
  const gone = new Set(edges);
  return { ...document, edges: document.edges.filter((edge) => !gone.has(edgeKey(edge))) };
}
