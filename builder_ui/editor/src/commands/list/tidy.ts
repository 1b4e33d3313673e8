import { IconLayoutGrid } from "@tabler/icons-react";
import { tidied } from "@/document/layout";
import { outgoingPorts } from "@/document/catalogue";
import type { DocumentNode } from "@/document/types";
import { along, lyingOn } from "@/document/groups";
import type { Operation } from "@/document/operation";
import { stateNow, type Command } from "../command";
import { boxesInHand, mayEdit } from "../editing";
import { labelled } from "../label";

/** All, or the selection where it is more than one node or a group; one undo step. The layout kernel is loaded at its first use. */
export const tidy: Command = {
  id: "tidy",
  label: "commands.name.tidy",
  group: "arrange",
  icon: IconLayoutGrid,
  keys: ["Shift+T"],
  when: (state) => mayEdit(state) && state.editor.document.nodes.length > 0,
  perform: async (state) => {
    const { document, selection } = state.editor;
    const stand = boxesInHand(state);
    const isPart = selection.nodes.length > 1 || lyingOn(document, selection.notes, stand).nodes.length > 0;
    const only = isPart ? along(document, selection, stand).nodes : new Set<string>();
    const portNames = (node: DocumentNode) => outgoingPorts(node, state.editor.catalogue.get(node.type));
    const { layered } = await import("../layered");
    const { positions, sizes } = await tidied(document, stand, layered, portNames, only);
    const fits = Object.entries(sizes).map(([id, size]): Operation => ({ kind: "update_note", id, patch: size }));
    // Someone may have typed while the kernel worked: what it placed is moved, nothing else.
    stateNow().editor.dispatch([{ kind: "move", positions }, ...fits], labelled("commands.edit.tidy"));
    if (only.size === 0) stateNow().view.canvas?.fit();
  },
};
