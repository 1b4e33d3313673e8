import { IconCopyPlus } from "@tabler/icons-react";
import { duplicateSelection } from "../clipboard";
import type { Command } from "../command";
import { hasItems, mayEdit } from "../editing";

export const duplicate: Command = {
  id: "duplicate",
  label: "commands.name.duplicate",
  group: "edit",
  icon: IconCopyPlus,
  keys: ["Mod+D"],
  when: (state) => mayEdit(state) && hasItems(state),
  perform: duplicateSelection,
};
