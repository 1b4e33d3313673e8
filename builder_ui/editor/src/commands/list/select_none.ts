import { IconDeselect } from "@tabler/icons-react";
import { isEmpty } from "@/document/selection";
import type { Command } from "../command";

export const selectNone: Command = {
  id: "select-none",
  label: "commands.name.selectNone",
  group: "select",
  icon: IconDeselect,
  keys: ["Escape"],
  when: ({ editor }) => !isEmpty(editor.selection),
  perform: ({ editor }) => editor.select({}),
};
