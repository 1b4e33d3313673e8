import { IconHandStop } from "@tabler/icons-react";
import type { Command } from "../command";

export const hand: Command = {
  id: "hand",
  label: "commands.name.hand",
  group: "view",
  icon: IconHandStop,
  keys: ["H"],
  when: ({ view }) => view.canvas !== null,
  perform: ({ view }) => view.setHand(!view.hand),
};
