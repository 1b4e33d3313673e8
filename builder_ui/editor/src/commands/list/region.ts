/** Two ways around the page: from region to region, wherever the focus is. */
import { IconArrowLeftBar, IconArrowRightBar } from "@tabler/icons-react";
import type { Command } from "../command";
import { enterNext } from "../regions";

export const regions: readonly Command[] = [
  {
    id: "next-region",
    label: "commands.name.nextRegion",
    group: "view",
    icon: IconArrowRightBar,
    keys: ["F6"],
    when: ({ editor }) => editor.flow !== null,
    perform: () => enterNext(1),
  },
  {
    id: "previous-region",
    label: "commands.name.previousRegion",
    group: "view",
    icon: IconArrowLeftBar,
    keys: ["Shift+F6"],
    when: ({ editor }) => editor.flow !== null,
    perform: () => enterNext(-1),
  },
];
