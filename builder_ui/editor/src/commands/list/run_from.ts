import { IconPlayerPlayFilled } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";
import { runPart } from "../running";

export const runFrom: Command = {
  id: "run-from",
  label: "commands.name.runFrom",
  group: "run",
  icon: IconPlayerPlayFilled,
  keys: [],
  when: (state) => state.editor.flow !== null && onlyNode(state) !== null,
  perform: (state) => runPart(state, { from: onlyNode(state)?.id ?? "" }),
};
