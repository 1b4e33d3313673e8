import { IconCode } from "@tabler/icons-react";
import type { Command } from "../command";

export const code: Command = {
  id: "code",
  label: "commands.name.code",
  group: "view",
  icon: IconCode,
  keys: ["J"],
  when: ({ editor }) => editor.flow !== null,
  perform: ({ view }) => view.setCode(!view.code),
};
