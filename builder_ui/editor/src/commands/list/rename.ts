import { IconCursorText } from "@tabler/icons-react";
import type { Command } from "../command";
import { mayEdit, onlyNode } from "../editing";

export const rename: Command = {
  id: "rename",
  label: "commands.name.rename",
  group: "edit",
  icon: IconCursorText,
  keys: ["F2"],
  when: (state) => mayEdit(state) && onlyNode(state) !== null,
  perform: (state) => state.editor.setRenaming(onlyNode(state)?.id ?? null),
};
