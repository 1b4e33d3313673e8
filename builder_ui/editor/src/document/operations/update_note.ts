/** Set fields of a sticky note. */
import { patched } from "../patched";
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function updateNote(document: FlowDocument, { id, patch }: OperationOf<"update_note">): FlowDocument {
  return { ...document, notes: (document.notes ?? []).map((note) => (note.id === id ? patched(note, patch) : note)) };
}
