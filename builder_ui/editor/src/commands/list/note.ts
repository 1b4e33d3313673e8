import { IconNote } from "@tabler/icons-react";
import { freeId, idsOf } from "@/document/ids";
import { snapped } from "@/document/places";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { labelled } from "../label";

export const note: Command = {
  id: "note",
  label: "commands.name.note",
  group: "insert",
  icon: IconNote,
  keys: ["Shift+N"],
  when: mayEdit,
  perform: ({ editor, view }) => {
    const id = freeId("note_1", idsOf(editor.document));
    const position = snapped(view.canvas?.pointer() ?? { x: 0, y: 0 });
    const fragment = { nodes: [], edges: [], notes: [{ id, text: "", position, width: 200, height: 120 }], pins: {} };
    editor.dispatch({ kind: "add_fragment", fragment }, labelled("commands.edit.addNote"));
    editor.select({ notes: [id] });
    editor.setRenaming(id);
  },
};
