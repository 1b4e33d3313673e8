import { IconCopy } from "@tabler/icons-react";
import type { Command } from "../command";
import { hasItems } from "../editing";

/** The keys stir the browser's own copy, which `clipboard.ts` answers; from a menu the browser is asked for it. */
export const copy: Command = {
  id: "copy",
  label: "commands.name.copy",
  group: "edit",
  icon: IconCopy,
  keys: ["Mod+C"],
  when: hasItems,
  perform: () => void document.execCommand("copy"),
};
