import { IconPlayerPlay } from "@tabler/icons-react";
import type { Command } from "../command";

export const run: Command = {
  id: "run",
  label: "commands.name.run",
  group: "run",
  icon: IconPlayerPlay,
  keys: ["Mod+Enter"],
  when: ({ editor }) => editor.flow !== null,
  perform: ({ view }) => view.openDialog("run"),
};
