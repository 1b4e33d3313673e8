import { IconCursorText } from "@tabler/icons-react";
import type { Command } from "../command";
import { beginNaming, mayEdit, onlyNode } from "../editing";

export const rename: Command = {
  id: "rename",
  label: "commands.name.rename",
  group: "edit",
  icon: IconCursorText,
  keys: ["F2"],
  when: (state) => mayEdit(state) && onlyNode(state) !== null,
  perform: (state) => {
    const node = onlyNode(state);
    if (node !== null) beginNaming(state, node.id);
  },
};
