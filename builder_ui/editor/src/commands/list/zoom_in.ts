import { IconZoomIn } from "@tabler/icons-react";
import type { Command } from "../command";

export const zoomIn: Command = {
  id: "zoom-in",
  label: "commands.name.zoomIn",
  group: "view",
  icon: IconZoomIn,
  keys: ["+", "="],
  when: ({ view }) => view.canvas !== null,
  perform: ({ view }) => view.canvas?.zoomIn(),
};
