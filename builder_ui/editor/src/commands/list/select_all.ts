import { IconSelectAll } from "@tabler/icons-react";
import { edgeKey } from "@/document/types";
import type { Command } from "../command";

export const selectAll: Command = {
  id: "select-all",
  label: "commands.name.selectAll",
  group: "select",
  icon: IconSelectAll,
  keys: ["Mod+A"],
  when: ({ editor }) => editor.flow !== null,
  perform: ({ editor }) =>
    editor.select({
      nodes: editor.document.nodes.map((node) => node.id),
      edges: editor.document.edges.map(edgeKey),
      notes: (editor.document.notes ?? []).map((note) => note.id),
    }),
};
