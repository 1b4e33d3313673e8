/** Pin a sample output to a node, or take it away with `undefined`. */
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function setPin(document: FlowDocument, { id, value }: OperationOf<"set_pin">): FlowDocument {
  const others = Object.entries(document.pins ?? {}).filter(([pinned]) => pinned !== id);
  return { ...document, pins: Object.fromEntries(value === undefined ? others : [...others, [id, value]]) };
}
