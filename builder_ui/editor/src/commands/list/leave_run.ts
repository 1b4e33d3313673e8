import { IconDoorExit } from "@tabler/icons-react";
import type { Command } from "../command";

export const leaveRun: Command = {
  id: "leave-run",
  label: "commands.name.leaveRun",
  group: "run",
  icon: IconDoorExit,
  keys: ["Escape"],
  when: ({ run, editor }) => run.runId !== null && editor.flow !== null,
  perform: ({ run }) => run.leave(),
};
