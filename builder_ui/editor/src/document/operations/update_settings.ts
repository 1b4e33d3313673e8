/** Set fields of the flow's settings; `undefined` takes one away. */
import { patched } from "../patched";
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function updateSettings(document: FlowDocument, { patch }: OperationOf<"update_settings">): FlowDocument {
  return { ...document, settings: patched(document.settings ?? {}, patch) };
}
