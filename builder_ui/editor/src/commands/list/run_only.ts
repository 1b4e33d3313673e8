import { IconPlayerTrackNext } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";
import { runPart } from "../running";

export const runOnly: Command = {
  id: "run-only",
  label: "commands.name.runOnly",
  group: "run",
  icon: IconPlayerTrackNext,
  keys: ["Alt+Enter"],
  when: (state) => state.editor.flow !== null && onlyNode(state) !== null,
  perform: (state) => runPart(state, { only: onlyNode(state)?.id ?? "" }),
};
