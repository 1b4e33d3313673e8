import { IconCursorText } from "@tabler/icons-react";
import type { Command } from "../command";
import { beginNaming, mayEdit, onlyNode, onlyNote } from "../editing";

export const rename: Command = {
  id: "rename",
  label: "commands.name.rename",
  group: "edit",
  icon: IconCursorText,
  keys: ["F2"],
  when: (state) => mayEdit(state) && (onlyNode(state) ?? onlyNote(state)) !== null,
  perform: (state) => {
    const node = onlyNode(state);
    const note = onlyNote(state);
    if (node !== null) beginNaming(state, node.id);
    else if (note !== null) {
      // A note has its words on the canvas alone.
      state.view.canvas?.reveal(note.id);
      state.editor.setRenaming(note.id);
    }
  },
};
