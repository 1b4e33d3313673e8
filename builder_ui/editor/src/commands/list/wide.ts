import { IconLayoutColumns } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";

export const wide: Command = {
  id: "wide",
  label: "commands.name.wide",
  group: "view",
  icon: IconLayoutColumns,
  keys: ["W"],
  when: (state) => state.editor.flow !== null && onlyNode(state) !== null,
  perform: ({ view }) => view.setWide(!view.wide),
};
