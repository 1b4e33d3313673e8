import { IconPlayerSkipForward } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";
import { runPart } from "../running";

export const runUntil: Command = {
  id: "run-until",
  label: "commands.name.runUntil",
  group: "run",
  icon: IconPlayerSkipForward,
  keys: ["Shift+Enter"],
  when: (state) => state.editor.flow !== null && onlyNode(state) !== null,
  perform: (state) => runPart(state, { until: onlyNode(state)?.id ?? "" }),
};
