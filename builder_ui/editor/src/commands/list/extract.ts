import { IconSitemap } from "@tabler/icons-react";
import type { Command } from "../command";
import { hasNodes, mayEdit } from "../editing";

export const extract: Command = {
  id: "extract",
  label: "commands.name.extract",
  group: "arrange",
  icon: IconSitemap,
  keys: ["E"],
  when: (state) => mayEdit(state) && hasNodes(state),
  perform: ({ view }) => view.openDialog("extract"),
};
