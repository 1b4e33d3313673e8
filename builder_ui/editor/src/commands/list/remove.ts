import { IconTrash } from "@tabler/icons-react";
import type { Operation } from "@/document/operation";
import { countOf, isEmpty } from "@/document/selection";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { labelled } from "../label";

export const remove: Command = {
  id: "delete",
  label: "commands.name.delete",
  group: "edit",
  icon: IconTrash,
  keys: ["Delete", "Backspace"],
  when: (state) => mayEdit(state) && !isEmpty(state.editor.selection),
  perform: ({ editor }) => {
    const { nodes, edges, notes } = editor.selection;
    const operations: Operation[] = [{ kind: "remove", nodes: [...nodes], notes: [...notes] }];
    if (edges.length > 0) operations.unshift({ kind: "disconnect", edges: [...edges] });
    editor.dispatch(operations, labelled("commands.edit.delete", { count: countOf(editor.selection, editor.document) }));
  },
};
