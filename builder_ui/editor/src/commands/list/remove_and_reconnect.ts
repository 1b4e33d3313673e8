import { IconTimelineEventMinus } from "@tabler/icons-react";
import type { Command } from "../command";
import { hasNodes, mayEdit } from "../editing";
import { labelled } from "../label";

export const removeAndReconnect: Command = {
  id: "delete-reconnect",
  label: "commands.name.deleteReconnect",
  group: "edit",
  icon: IconTimelineEventMinus,
  keys: ["Mod+Delete", "Mod+Backspace"],
  when: (state) => mayEdit(state) && hasNodes(state),
  perform: ({ editor }) => {
    const nodes = [...editor.selection.nodes];
    editor.dispatch({ kind: "remove_and_reconnect", nodes }, labelled("commands.edit.deleteReconnect", { count: nodes.length }));
  },
};
