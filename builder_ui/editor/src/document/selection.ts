/** What is selected: ids of nodes and notes, keys of edges. */
import { edgeKey, type FlowDocument } from "./types";

export interface Selection {
  nodes: readonly string[];
  edges: readonly string[];
  notes: readonly string[];
}

export const NOTHING: Selection = { nodes: [], edges: [], notes: [] };

export const isEmpty = (selection: Selection): boolean =>
  selection.nodes.length + selection.edges.length + selection.notes.length === 0;

/** How many things were chosen: an arrow between two nodes of the selection goes with them and isn't one more. */
export function countOf(selection: Selection, document: FlowDocument): number {
  const nodes = new Set(selection.nodes);
  const along = new Set(document.edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to)).map(edgeKey));
  return nodes.size + selection.notes.length + selection.edges.filter((key) => !along.has(key)).length;
}

/** The selection without what the document no longer has; the same object when all is there. */
export function existing(selection: Selection, document: FlowDocument): Selection {
  if (isEmpty(selection)) return selection;
  const nodes = new Set(document.nodes.map((node) => node.id));
  const edges = new Set(document.edges.map(edgeKey));
  const notes = new Set((document.notes ?? []).map((note) => note.id));
  const isWhole =
    selection.nodes.every((id) => nodes.has(id)) &&
    selection.edges.every((key) => edges.has(key)) &&
    selection.notes.every((id) => notes.has(id));
  if (isWhole) return selection;
  return {
    nodes: selection.nodes.filter((id) => nodes.has(id)),
    edges: selection.edges.filter((key) => edges.has(key)),
    notes: selection.notes.filter((id) => notes.has(id)),
  };
}
