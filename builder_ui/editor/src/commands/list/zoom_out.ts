import { IconZoomOut } from "@tabler/icons-react";
import type { Command } from "../command";

export const zoomOut: Command = {
  id: "zoom-out",
  label: "commands.name.zoomOut",
  group: "view",
  icon: IconZoomOut,
  keys: ["-"],
  when: ({ view }) => view.canvas !== null,
  perform: ({ view }) => view.canvas?.zoomOut(),
};
