/** Rows of the outline and the selection of the editor: each says what the other must be. */
import type { OutlineRow } from "@/document/outline";
import { nodeKey } from "@/document/outline";
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
  select(extend ? { ...selection, nodes: [...selection.nodes.filter((id) => id !== row.node), row.node] } : { nodes: [row.node] });
  useView.getState().canvas?.reveal(row.node);
}

/** Whether a row shows as chosen. Of a node's rows only the active one does, where that is a port of it. */
export function isChosen(row: OutlineRow, { nodes, edges }: Selection, isActive: boolean): boolean {
  if (row.kind === "edge") return edges.includes(edgeKey(row.edge));
  return row.kind === "node" ? nodes.includes(row.node) : isActive && nodes.includes(row.node);
}

/** The row that has the focus: the last one gone to as long as the selection is still its own, else the selection's. */
export function activeOf(rows: readonly OutlineRow[], selection: Selection, last: string | null): number {
  const at = rows.findIndex((row) => row.key === last);
  const row = rows[at];
  if (row !== undefined && isChosen(row, selection, true)) return at;
  const node = selection.nodes.at(-1);
  const edge = selection.edges.at(-1);
  const chosen = rows.findIndex((each) => (node !== undefined ? each.key === nodeKey(node) : edge !== undefined && each.key === `edge ${edge}`));
  if (chosen !== -1) return chosen;
  return at !== -1 ? at : rows.length === 0 ? -1 : 0;
}
