import { IconArrowBarToRight } from "@tabler/icons-react";
import { reachable } from "@/document/graph";
import type { Command } from "../command";
import { hasNodes } from "../editing";

export const selectDownstream: Command = {
  id: "select-downstream",
  label: "commands.name.selectDownstream",
  group: "select",
  icon: IconArrowBarToRight,
  keys: ["Alt+ArrowRight"],
  when: hasNodes,
  perform: ({ editor }) => editor.select({ nodes: [...reachable(editor.document, editor.selection.nodes, "down")] }),
};
