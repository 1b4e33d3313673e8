/** Rows of the outline and the selection of the editor: each says what the other must be. */
import type { OutlineRow } from "@/document/outline";
import { nodeKey, noteKey } from "@/document/outline";
import type { Selection } from "@/document/selection";
import { edgeKey } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

/** Select what a row stands for. A free port stands for its node. */
export function choose(row: OutlineRow, extend: boolean): void {
  const { selection, select } = useEditor.getState();
  if (row.kind === "edge") {
    const edge = edgeKey(row.edge);
    select(extend ? { ...selection, edges: [...new Set([...selection.edges, edge])] } : { edges: [edge] });
    return;
  }
  if (row.kind === "note") select(extend ? { ...selection, notes: [...selection.notes.filter((id) => id !== row.node), row.node] } : { notes: [row.node] });
  else select(extend ? { ...selection, nodes: [...selection.nodes.filter((id) => id !== row.node), row.node] } : { nodes: [row.node] });
  useView.getState().canvas?.reveal(row.node);
}

/** Whether a row shows as chosen. Of a node's rows only the active one does, where that is a port of it. */
export function isChosen(row: OutlineRow, { nodes, edges, notes }: Selection, isActive: boolean): boolean {
  if (row.kind === "edge") return edges.includes(edgeKey(row.edge));
  if (row.kind === "note") return notes.includes(row.node);
  return row.kind === "node" ? nodes.includes(row.node) : isActive && nodes.includes(row.node);
}

/** The row that has the focus: the last one gone to as long as the selection is still its own, else the selection's. */
export function activeOf(rows: readonly OutlineRow[], selection: Selection, last: string | null): number {
  const at = rows.findIndex((row) => row.key === last);
  const row = rows[at];
  if (row !== undefined && isChosen(row, selection, true)) return at;
  const node = selection.nodes.at(-1);
  const edge = selection.edges.at(-1);
  const note = selection.notes.at(-1);
  const key = node !== undefined ? nodeKey(node) : edge !== undefined ? `edge ${edge}` : note !== undefined ? noteKey(note) : null;
  const chosen = rows.findIndex((each) => each.key === key);
  if (chosen !== -1) return chosen;
  return at !== -1 ? at : rows.length === 0 ? -1 : 0;
}
