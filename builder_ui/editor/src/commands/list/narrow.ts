import { IconLayoutSidebarRight } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";

/** Escape gives the canvas its room back before it lets go of the node. */
export const narrow: Command = {
  id: "narrow",
  label: "commands.name.narrow",
  group: "view",
  icon: IconLayoutSidebarRight,
  keys: ["Escape"],
  when: (state) => state.view.wide && onlyNode(state) !== null,
  perform: ({ view }) => view.setWide(false),
};
