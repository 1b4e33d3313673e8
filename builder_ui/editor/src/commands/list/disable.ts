import { IconPower } from "@tabler/icons-react";
import { nodeOf } from "@/document/types";
import type { Command } from "../command";
import { hasNodes, mayEdit, titleIn } from "../editing";
import { labelled } from "../label";

export const disable: Command = {
  id: "disable",
  label: "commands.name.disable",
  group: "edit",
  icon: IconPower,
  keys: ["D"],
  when: (state) => mayEdit(state) && hasNodes(state),
  perform: (state) => {
    const { editor } = state;
    const ids = editor.selection.nodes;
    const isOn = ids.some((id) => !nodeOf(editor.document, id)?.disabled);
    editor.dispatch(
      ids.map((id) => ({ kind: "update_node", id, patch: { disabled: isOn ? true : undefined } })),
      labelled("commands.edit.disable", { what: titleIn(state, ids[0] ?? "") }),
    );
  },
};
