/** Six ways to align a selection, and two to distribute it. */
import {
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignMiddle,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  type Icon,
} from "@tabler/icons-react";
import type { Side } from "@/document/align";
import { withDescendants } from "@/document/graph";
import { boxOfNote, lyingOn, movesWith } from "@/document/groups";
import type { Box } from "@/document/places";
import type { Position } from "@/document/types";
import { stateNow, type Command, type State } from "../command";
import { boxes, boxesInHand, mayEdit } from "../editing";
import { labelled } from "../label";

/** What moves by itself: of nodes inside a container or on a note that is selected too, the container or the note alone. */
function chosen(state: State): Map<string, Box> {
  const { document, selection } = state.editor;
  const all = boxes(state);
  for (const note of document.notes ?? []) all.set(note.id, boxOfNote(note));
  const lying = lyingOn(document, selection.notes, boxesInHand(state));
  const within = new Set(selection.nodes.flatMap((id) => [...withDescendants(document, [id])].filter((each) => each !== id)));
  const onNotes = selection.notes.flatMap((id) => lyingOn(document, [id], boxesInHand(state)).notes);
  const inner = new Set([...within, ...withDescendants(document, lying.nodes), ...onNotes]);
  const ids = [...selection.nodes, ...selection.notes].filter((id) => !inner.has(id));
  return new Map(ids.flatMap((id) => (all.has(id) ? [[id, all.get(id) as Box]] : [])));
}

function move(shifts: ReadonlyMap<string, Position>, label: "commands.edit.align" | "commands.edit.distribute"): void {
  const state = stateNow();
  const { editor } = state;
  const notes = new Set((editor.document.notes ?? []).map((note) => note.id));
  const stand = boxesInHand(state);
  const positions: Record<string, Position> = {};
  for (const [id, by] of shifts) Object.assign(positions, movesWith(editor.document, notes.has(id) ? { nodes: [], notes: [id] } : { nodes: [id], notes: [] }, by, stand));
  editor.dispatch({ kind: "move", positions }, labelled(label, { count: shifts.size }));
}

const counts = (state: State): number => state.editor.selection.nodes.length + state.editor.selection.notes.length;

const align = (side: Side, name: "Left" | "Centre" | "Right" | "Top" | "Middle" | "Bottom", icon: Icon, keys: string): Command => ({
  id: `align-${side}`,
  label: `commands.name.align${name}`,
  group: "arrange",
  icon,
  keys: [keys],
  when: (state) => mayEdit(state) && counts(state) > 1,
  perform: async (state) => {
    const { aligned } = await import("@/document/align");
    move(aligned(chosen(state), side), "commands.edit.align");
  },
});

const distribute = (axis: "x" | "y", name: "Across" | "Down", icon: Icon, keys: string): Command => ({
  id: `distribute-${axis}`,
  label: `commands.name.distribute${name}`,
  group: "arrange",
  icon,
  keys: [keys],
  when: (state) => mayEdit(state) && counts(state) > 2,
  perform: async (state) => {
    const { distributed } = await import("@/document/align");
    move(distributed(chosen(state), axis), "commands.edit.distribute");
  },
});

export const aligning: readonly Command[] = [
  align("left", "Left", IconLayoutAlignLeft, "Alt+Shift+ArrowLeft"),
  align("centre", "Centre", IconLayoutAlignCenter, "Alt+Shift+C"),
  align("right", "Right", IconLayoutAlignRight, "Alt+Shift+ArrowRight"),
  align("top", "Top", IconLayoutAlignTop, "Alt+Shift+ArrowUp"),
  align("middle", "Middle", IconLayoutAlignMiddle, "Alt+Shift+M"),
  align("bottom", "Bottom", IconLayoutAlignBottom, "Alt+Shift+ArrowDown"),
  distribute("x", "Across", IconLayoutDistributeVertical, "Alt+Shift+X"),
  distribute("y", "Down", IconLayoutDistributeHorizontal, "Alt+Shift+Y"),
];
