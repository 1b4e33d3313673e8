import { IconArrowRampRight } from "@tabler/icons-react";
import type { Command } from "../command";
import { mayEdit, onlyNode } from "../editing";
import { wiringFrom } from "../inserting";

export const connect: Command = {
  id: "connect",
  label: "commands.name.connect",
  group: "insert",
  icon: IconArrowRampRight,
  keys: ["C"],
  when: (state) => mayEdit(state) && wiringFrom(state) !== undefined,
  perform: (state) => {
    const node = onlyNode(state);
    state.view.setConnectFrom(node === null ? null : { node: node.id });
  },
};
