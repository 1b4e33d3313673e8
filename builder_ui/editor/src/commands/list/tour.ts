import { IconWalk } from "@tabler/icons-react";
import type { Command } from "../command";

export const tour: Command = {
  id: "tour",
  label: "commands.name.tour",
  group: "view",
  icon: IconWalk,
  keys: [],
  when: ({ editor }) => editor.flow !== null,
  perform: ({ view }) => view.setTour(true),
};
