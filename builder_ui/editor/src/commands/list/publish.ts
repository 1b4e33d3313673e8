import { IconRocket } from "@tabler/icons-react";
import type { Command } from "../command";

export const publish: Command = {
  id: "publish",
  label: "commands.name.publish",
  group: "run",
  icon: IconRocket,
  keys: ["Mod+Shift+P"],
  when: ({ editor }) => editor.flow !== null && !editor.readOnly,
  perform: ({ view }) => view.openDialog("publish"),
};
