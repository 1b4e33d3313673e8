import { IconHistory, IconPlayerSkipBack, IconPlayerSkipForward } from "@tabler/icons-react";
import type { Command } from "../command";

/** Walking through the past of the run that is shown, an event at a time. */
export const travel: readonly Command[] = [
  {
    id: "earlier",
    label: "commands.name.earlier",
    group: "run",
    icon: IconPlayerSkipBack,
    keys: [","],
    when: ({ run }) => run.live !== null && (run.cursor ?? run.live.seq) > 1,
    perform: ({ run }) => run.lookAt((run.cursor ?? run.live?.seq ?? 2) - 1),
  },
  {
    id: "later",
    label: "commands.name.later",
    group: "run",
    icon: IconPlayerSkipForward,
    keys: ["."],
    when: ({ run }) => run.live !== null && run.cursor !== null,
    perform: ({ run }) => run.lookAt(run.cursor !== null && run.cursor + 1 < (run.live?.seq ?? 0) ? run.cursor + 1 : null),
  },
  {
    id: "back-to-now",
    label: "commands.name.backToNow",
    group: "run",
    icon: IconHistory,
    keys: ["Escape"],
    when: ({ run }) => run.cursor !== null,
    perform: ({ run }) => run.lookAt(null),
  },
];
