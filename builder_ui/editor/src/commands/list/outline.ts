import { IconListTree } from "@tabler/icons-react";
import type { Command } from "../command";

export const outline: Command = {
  id: "outline",
  label: "commands.name.outline",
  group: "view",
  icon: IconListTree,
  keys: ["O"],
  when: ({ editor }) => editor.flow !== null,
  perform: ({ view }) => view.setOutline(!view.outline),
};
