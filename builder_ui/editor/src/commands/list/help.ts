import { IconKeyboard } from "@tabler/icons-react";
import type { Command } from "../command";

export const help: Command = {
  id: "help",
  label: "commands.name.help",
  group: "view",
  icon: IconKeyboard,
  keys: ["?"],
  when: () => true,
  perform: ({ view }) => view.setHelp(!view.help),
};
