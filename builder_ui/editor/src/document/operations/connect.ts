/** Draw an edge. One that the document can't have (a circle, a wall crossed, a twin) is not drawn. */
import { canConnect } from "../graph";
import { portOf, type DocumentEdge, type FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function connect(document: FlowDocument, { edge }: OperationOf<"connect">): FlowDocument {
  if (canConnect(document, edge) !== null) return document;
  const drawn: DocumentEdge = { from: edge.from, to: edge.to };
  if (portOf(edge) !== "out") drawn.port = portOf(edge);
  return { ...document, edges: [...document.edges, drawn] };
}
