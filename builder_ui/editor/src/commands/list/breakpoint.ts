import { IconPlayerRecordFilled } from "@tabler/icons-react";
import { tellRun, useBreakpoints } from "@/store/breakpoints";
import { nodeOf } from "@/document/types";
import type { Command } from "../command";
import { onlyNode } from "../editing";
import { reported } from "../running";

export const breakpoint: Command = {
  id: "breakpoint",
  label: "steering.breakpoint.toggle",
  group: "run",
  icon: IconPlayerRecordFilled,
  keys: ["B"],
  when: (state) => {
    const node = onlyNode(state);
    return state.editor.flow !== null && node !== null && state.editor.catalogue.get(node.type)?.role !== "trigger" && node.type !== "flow.try";
  },
  perform: (state) => {
    const { flow, document } = state.editor;
    const node = nodeOf(document, state.editor.selection.nodes[0] ?? "");
    if (flow === null || node === undefined) return;
    const stands = useBreakpoints.getState().byFlow[flow.id]?.[node.id] !== undefined;
    useBreakpoints.getState().set(flow.id, node.id, stands ? undefined : "");
    return reported(state, () => tellRun(flow.id));
  },
};
