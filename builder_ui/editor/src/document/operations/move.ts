/** Put nodes and notes in other places. */
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function move(document: FlowDocument, { positions }: OperationOf<"move">): FlowDocument {
  const placed = <T extends { id: string }>(item: T): T => {
    const position = Object.hasOwn(positions, item.id) ? positions[item.id] : undefined;
    return position === undefined ? item : { ...item, position };
  };
  return { ...document, nodes: document.nodes.map(placed), notes: (document.notes ?? []).map(placed) };
}
