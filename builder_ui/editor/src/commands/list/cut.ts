import { IconCut } from "@tabler/icons-react";
import type { Command } from "../command";
import { hasItems, mayEdit } from "../editing";

/** The keys stir the browser's own cut, which `clipboard.ts` answers; from a menu the browser is asked for it. */
export const cut: Command = {
  id: "cut",
  label: "commands.name.cut",
  group: "edit",
  icon: IconCut,
  keys: ["Mod+X"],
  when: (state) => mayEdit(state) && hasItems(state),
  perform: () => void document.execCommand("cut"),
};
