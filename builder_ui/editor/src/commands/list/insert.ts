import { IconPlus } from "@tabler/icons-react";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { placeAfter, wiringFrom } from "../inserting";

export const insert: Command = {
  id: "insert",
  label: "commands.name.insert",
  group: "insert",
  icon: IconPlus,
  keys: ["N"],
  when: (state) => mayEdit(state) && state.view.canvas !== null,
  perform: (state) => {
    const { view } = state;
    const from = wiringFrom(state);
    const canvas = from === undefined ? view.canvas?.pointer() : placeAfter(state, from.node);
    if (view.canvas === null || canvas === undefined) return;
    view.openInsert({ canvas, screen: view.canvas.pointerOnScreen(), ...(from === undefined ? {} : { from }) });
  },
};
