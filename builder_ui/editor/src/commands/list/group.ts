/** Groups: a note around what is selected, taken away again, and the colour of a note. */
import { IconColorSwatch, IconFrame, IconFrameOff } from "@tabler/icons-react";
import { frameAroundThings, groupsOf, lyingOn, MOST_SIDE } from "@/document/groups";
import { freeId, idsOf } from "@/document/ids";
import type { Operation } from "@/document/operation";
import { NOTE_COLORS } from "@/document/types";
import type { Command, State } from "../command";
import { boxesInHand, hasNodes, mayEdit } from "../editing";
import { labelled } from "../label";

const group: Command = {
  id: "group",
  label: "commands.name.group",
  group: "arrange",
  icon: IconFrame,
  keys: ["Mod+G"],
  when: (state) => mayEdit(state) && hasNodes(state),
  perform: (state) => {
    const { editor, view } = state;
    const frame = frameAroundThings(editor.document, editor.selection, boxesInHand(state));
    if (frame === null) return;
    const { x, y, width, height, parent } = frame;
    if (Math.max(width, height) > MOST_SIDE) return view.tell({ key: "canvas.group.tooFar", params: { most: MOST_SIDE } });
    const id = freeId("group_1", idsOf(editor.document));
    const note = { id, text: "", color: "blue" as const, position: { x, y }, width, height, ...(parent === null ? {} : { parent }) };
    const label = labelled("commands.edit.group", { count: editor.selection.nodes.length + editor.selection.notes.length });
    editor.dispatch({ kind: "add_fragment", fragment: { nodes: [], edges: [], notes: [note], pins: {} } }, label);
    editor.select({ notes: [id] });
    // It is named at once, where it stands.
    editor.setRenaming(id);
    view.say(label);
  },
};

/** The groups that are meant: those selected, or the innermost around what is selected. */
function meant(state: State): string[] {
  const { document, selection } = state.editor;
  const groups = groupsOf(document, boxesInHand(state));
  const chosen = selection.notes.filter((id) => groups.has(id));
  if (chosen.length > 0) return chosen;
  const around = selection.nodes.map((node) => [...groups].find(([, nodes]) => nodes.includes(node))?.[0]);
  return [...new Set(around.filter((id) => id !== undefined))];
}

const ungroup: Command = {
  id: "ungroup",
  label: "commands.name.ungroup",
  group: "arrange",
  icon: IconFrameOff,
  keys: ["Mod+Shift+G"],
  when: (state) => mayEdit(state) && meant(state).length > 0,
  perform: (state) => {
    const { editor, view } = state;
    const groups = meant(state);
    const { nodes } = lyingOn(editor.document, groups, boxesInHand(state));
    const label = labelled("commands.edit.ungroup", { count: groups.length });
    editor.dispatch({ kind: "remove", nodes: [], notes: groups }, label);
    // What was held together is still in the hand.
    editor.select({ nodes });
    view.say(label);
  },
};

const color: Command = {
  id: "note-color",
  label: "commands.name.noteColor",
  group: "edit",
  icon: IconColorSwatch,
  keys: ["Shift+C"],
  when: (state) => mayEdit(state) && state.editor.selection.notes.length > 0,
  perform: ({ editor }) => {
    const { notes } = editor.selection;
    const first = editor.document.notes?.find((note) => note.id === notes[0])?.color ?? "yellow";
    const next = NOTE_COLORS[(NOTE_COLORS.indexOf(first) + 1) % NOTE_COLORS.length] ?? "yellow";
    const operations = notes.map((id): Operation => ({ kind: "update_note", id, patch: { color: next } }));
    editor.dispatch(operations, labelled("commands.edit.note"), `note:${notes.join()}:color`);
  },
};

export const grouping: readonly Command[] = [group, ungroup, color];
