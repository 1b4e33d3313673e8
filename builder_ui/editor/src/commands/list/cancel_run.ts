import { IconPlayerStop } from "@tabler/icons-react";
import { runs } from "@/api/calls";
import { isOver } from "@/store/fold";
import type { Command } from "../command";
import { reported } from "../running";

export const cancelRun: Command = {
  id: "cancel-run",
  label: "commands.name.cancelRun",
  group: "run",
  icon: IconPlayerStop,
  keys: ["Mod+."],
  when: ({ run }) => run.live !== null && !isOver(run.live.status),
  perform: (state) => reported(state, async () => void (await runs.cancel(state.run.runId ?? ""))),
};
