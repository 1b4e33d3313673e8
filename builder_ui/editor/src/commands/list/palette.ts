import { IconCommand } from "@tabler/icons-react";
import type { Command } from "../command";

export const palette: Command = {
  id: "palette",
  label: "commands.name.palette",
  group: "view",
  icon: IconCommand,
  keys: ["Mod+K"],
  when: () => true,
  perform: ({ view }) => view.setCommandPalette(!view.commandPalette),
};
