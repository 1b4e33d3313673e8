import type { FlowDocument } from "@/document/types";

/** Nobody has drawn anything yet: it is empty, or holds the one trigger that a new flow begins with. */
export function isUntouched({ nodes, notes = [] }: FlowDocument): boolean {
  const [only] = nodes;
  if (notes.length > 0 || nodes.length > 1) return false;
  return only === undefined || (only.type === "trigger.manual" && Object.keys(only.config ?? {}).length === 0);
}
