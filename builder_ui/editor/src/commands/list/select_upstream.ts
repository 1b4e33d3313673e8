import { IconArrowBarToLeft } from "@tabler/icons-react";
import { reachable } from "@/document/graph";
import type { Command } from "../command";
import { hasNodes } from "../editing";

export const selectUpstream: Command = {
  id: "select-upstream",
  label: "commands.name.selectUpstream",
  group: "select",
  icon: IconArrowBarToLeft,
  keys: ["Alt+ArrowLeft"],
  when: hasNodes,
  perform: ({ editor }) => editor.select({ nodes: [...reachable(editor.document, editor.selection.nodes, "up")] }),
};
