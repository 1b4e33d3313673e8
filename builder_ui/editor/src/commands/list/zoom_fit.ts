import { IconArrowsMaximize } from "@tabler/icons-react";
import type { Command } from "../command";

export const zoomFit: Command = {
  id: "zoom-fit",
  label: "commands.name.zoomFit",
  group: "view",
  icon: IconArrowsMaximize,
  keys: ["1"],
  when: ({ view }) => view.canvas !== null,
  perform: ({ view }) => view.canvas?.fit(),
};
