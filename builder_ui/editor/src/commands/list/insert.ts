import { IconPlus } from "@tabler/icons-react";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { placeFor } from "../inserting";

export const insert: Command = {
  id: "insert",
  label: "commands.name.insert",
  group: "insert",
  icon: IconPlus,
  keys: ["N"],
  when: (state) => mayEdit(state) && state.view.canvas !== null,
  perform: (state) => {
    const { canvas, openInsert } = state.view;
    if (canvas !== null) openInsert({ ...placeFor(state, canvas.pointer()), screen: canvas.pointerOnScreen() });
  },
};
