import { IconLayoutSidebarRight } from "@tabler/icons-react";
import type { Command } from "../command";
import { enter } from "../regions";

/** What is selected, opened: the focus goes to its first field, a note to its words. */
export const inspect: Command = {
  id: "inspect",
  label: "commands.name.inspect",
  group: "select",
  icon: IconLayoutSidebarRight,
  keys: ["Enter"],
  when: ({ editor: { selection } }) => selection.nodes.length + selection.edges.length + selection.notes.length === 1,
  perform: ({ editor, view }) => {
    const [note] = editor.selection.notes;
    if (note !== undefined) {
      view.canvas?.reveal(note);
      editor.setRenaming(note);
    }
    else enter("inspector");
  },
};
