/** Remove nodes with what they hold and their edges, and notes. */
import { withDescendants } from "../graph";
import type { FlowDocument } from "../types";
import type { OperationOf } from "../operation";

export function remove(document: FlowDocument, { nodes, notes = [] }: OperationOf<"remove">): FlowDocument {
  const gone = withDescendants(document, nodes);
  const goneNotes = new Set(notes);
  const pins = Object.entries(document.pins ?? {}).filter(([id]) => !gone.has(id));
  return {
    ...document,
    nodes: document.nodes.filter((node) => !gone.has(node.id)),
    edges: document.edges.filter((edge) => !gone.has(edge.from) && !gone.has(edge.to)),
    notes: (document.notes ?? []).filter(
      (note) => !goneNotes.has(note.id) && !(note.parent != null && gone.has(note.parent)),
    ),
    pins: Object.fromEntries(pins),
  };
}
