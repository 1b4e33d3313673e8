import { IconLayoutGrid } from "@tabler/icons-react";
import { tidied } from "@/document/layout";
import { outgoingPorts } from "@/document/catalogue";
import type { DocumentNode } from "@/document/types";
import { withDescendants } from "@/document/graph";
import { stateNow, type Command } from "../command";
import { boxes, mayEdit } from "../editing";
import { labelled } from "../label";

/** All, or the selection where it is more than one node; one undo step. The layout kernel is loaded at its first use. */
export const tidy: Command = {
  id: "tidy",
  label: "commands.name.tidy",
  group: "arrange",
  icon: IconLayoutGrid,
  keys: ["Shift+T"],
  when: (state) => mayEdit(state) && state.editor.document.nodes.length > 0,
  perform: async (state) => {
    const { document, selection } = state.editor;
    const only = selection.nodes.length > 1 ? withDescendants(document, selection.nodes) : new Set<string>();
    const portNames = (node: DocumentNode) => outgoingPorts(node, state.editor.catalogue.get(node.type));
    const { layered } = await import("../layered");
    const positions = await tidied(document, boxes(state), layered, portNames, only);
    // Someone may have typed while the kernel worked: what it placed is moved, nothing else.
    stateNow().editor.dispatch({ kind: "move", positions }, labelled("commands.edit.tidy"));
    if (only.size === 0) stateNow().view.canvas?.fit();
  },
};
