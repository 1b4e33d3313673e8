import { IconTopologyStar3 } from "@tabler/icons-react";
import { reachable } from "@/document/graph";
import type { Command } from "../command";
import { hasNodes } from "../editing";

export const selectConnected: Command = {
  id: "select-connected",
  label: "commands.name.selectConnected",
  group: "select",
  icon: IconTopologyStar3,
  keys: ["Alt+ArrowDown"],
  when: hasNodes,
  perform: ({ editor }) => {
    const up = reachable(editor.document, editor.selection.nodes, "up");
    const down = reachable(editor.document, editor.selection.nodes, "down");
    editor.select({ nodes: [...new Set([...up, ...down])] });
  },
};
