import { IconUnlink } from "@tabler/icons-react";
import type { Command } from "../command";
import { hasNodes, mayEdit } from "../editing";
import { labelled } from "../label";

export const detach: Command = {
  id: "detach",
  label: "commands.name.detach",
  group: "edit",
  icon: IconUnlink,
  keys: ["Alt+X"],
  when: (state) => mayEdit(state) && hasNodes(state),
  perform: ({ editor }) => {
    const nodes = [...editor.selection.nodes];
    editor.dispatch({ kind: "detach", nodes }, labelled("commands.edit.detach", { count: nodes.length }));
  },
};
