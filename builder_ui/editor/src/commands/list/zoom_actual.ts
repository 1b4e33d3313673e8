import { IconZoomReset } from "@tabler/icons-react";
import type { Command } from "../command";

export const zoomActual: Command = {
  id: "zoom-actual",
  label: "commands.name.zoomActual",
  group: "view",
  icon: IconZoomReset,
  keys: ["0"],
  when: ({ view }) => view.canvas !== null,
  perform: ({ view }) => view.canvas?.zoomTo(1),
};
