/** What several commands ask of the state. */
import { boxesOf, withFolded, type Box } from "@/document/places";
import { nodeOf, titleOf, type DocumentNode, type Note } from "@/document/types";
import type { Verbatim } from "@/document/operations/rename_node";
import type { State } from "./command";

/** Two older versions on the canvas are looked at: the draft isn't there to be changed. */
export const mayEdit = ({ editor, view }: State): boolean => editor.flow !== null && !editor.readOnly && view.compared?.after == null;

export const hasNodes = ({ editor }: State): boolean => editor.selection.nodes.length > 0;

/** The one node that is selected, null where it is none or several. */
export function onlyNode({ editor }: State): DocumentNode | null {
  const { nodes, edges, notes } = editor.selection;
  const [id] = nodes;
  if (id === undefined || nodes.length > 1 || edges.length + notes.length > 0) return null;
  return nodeOf(editor.document, id) ?? null;
}

/** The one note that is selected, null where it is none or several. */
export function onlyNote({ editor }: State): Note | null {
  const { nodes, edges, notes } = editor.selection;
  if (notes.length !== 1 || nodes.length + edges.length > 0) return null;
  return editor.document.notes?.find((note) => note.id === notes[0]) ?? null;
}

export const titleIn = ({ editor }: State, id: string): string => {
  const node = nodeOf(editor.document, id);
  return node === undefined ? id : titleOf(node);
};

export const isContainer =
  ({ editor }: State) =>
  (node: DocumentNode): boolean =>
    editor.catalogue.get(node.type)?.role === "container" || editor.document.nodes.some((other) => other.parent === node.id);

/** Where everything stands, as drawn. */
export function boxes(state: State): Map<string, Box> {
  const { editor, view } = state;
  const parents = new Set(editor.document.nodes.map((node) => node.parent));
  const holds = (node: DocumentNode) => editor.catalogue.get(node.type)?.role === "container" || parents.has(node.id);
  return boxesOf(editor.document, holds, view.canvas?.sizes() ?? new Map());
}

/** The same as the hand finds it: folded containers are as small as cards. */
export const boxesInHand = (state: State): Map<string, Box> => withFolded(boxes(state), state.view.folded);

/** Type a node's name where it can be read: on its card, or from afar in the inspector's head. */
export function beginNaming({ editor, view }: State, node: string): void {
  const isReadable = view.canvas?.isReadable() ?? false;
  if (isReadable) view.canvas?.reveal(node);
  editor.setRenaming(node, isReadable ? "canvas" : "inspector");
}

/** The config fields of each node type that hold no expressions. */
export const verbatimOf = ({ editor }: State): Verbatim =>
  Object.fromEntries([...editor.catalogue.values()].map((type) => [type.name, type.verbatim]));

export const hasItems = ({ editor }: State): boolean => editor.selection.nodes.length + editor.selection.notes.length > 0;
