/** What was chosen when a lasso began: it stays chosen where a key asks for more, and is chosen again where the lasso is taken back. */
import { existing, NOTHING, type Selection } from "@/document/selection";
import { useEditor } from "@/store/editor";

let found: Selection = NOTHING;
let isAdding = false;

export function lassoBegins(more: boolean): void {
  [found, isAdding] = [useEditor.getState().selection, more];
}

export function lassoEnds(): void {
  isAdding = false;
}

/** The selection in which the lasso took this. */
export function lassoTakes(taken: Selection): Selection {
  if (!isAdding) return taken;
  const { nodes, notes, edges } = existing(found, useEditor.getState().document);
  const both = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])];
  return { nodes: both(nodes, taken.nodes), notes: both(notes, taken.notes), edges: both(edges, taken.edges) };
}

/** The selection in which no lasso was drawn. */
export const lassoNever = (): Selection => existing(found, useEditor.getState().document);
