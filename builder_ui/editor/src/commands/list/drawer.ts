import { IconLayoutSidebar } from "@tabler/icons-react";
import type { Command } from "../command";

export const drawer: Command = {
  id: "drawer",
  label: "commands.name.drawer",
  group: "view",
  icon: IconLayoutSidebar,
  keys: ["P"],
  when: ({ editor }) => editor.flow !== null && !editor.readOnly,
  perform: ({ view }) => view.setDrawer(!view.drawer),
};
