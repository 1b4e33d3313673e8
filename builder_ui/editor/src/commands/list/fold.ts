import { IconFold } from "@tabler/icons-react";
import type { Command } from "../command";
import { isContainer, onlyNode } from "../editing";

export const fold: Command = {
  id: "fold",
  label: "commands.name.fold",
  group: "arrange",
  icon: IconFold,
  keys: ["F"],
  when: (state) => {
    const node = onlyNode(state);
    return node !== null && isContainer(state)(node);
  },
  perform: (state) => {
    const id = onlyNode(state)?.id;
    if (id !== undefined) state.view.setFolded(id, !state.view.folded.has(id));
  },
};
