import { IconEyeSearch } from "@tabler/icons-react";
import type { Command } from "../command";
import { onlyNode } from "../editing";

export const reading: Command = {
  id: "reading",
  label: "commands.name.reading",
  group: "view",
  icon: IconEyeSearch,
  keys: ["R"],
  when: (state) => state.view.canvas !== null && (state.view.reading || onlyNode(state) !== null),
  perform: ({ view }) => view.setReading(!view.reading),
};
