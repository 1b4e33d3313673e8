/** Making a flow of a part of the open one, and putting a call in its place: first the flow that is called, then the one step of this one's history. */
import { flows } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys, queryClient } from "@/api/queries";
import { labelled } from "@/commands";
import { portsOf } from "@/document/catalogue";
import { extracted } from "@/document/extract/extract";
import { isRefused, type Extraction, type Refused } from "@/document/extract/outcome";
import type { Facts } from "@/document/extract/texts";
import { same } from "@/document/same";
import type { DocumentNode } from "@/document/types";
import { t } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

function factsOf(node: DocumentNode): Facts {
  const type = useEditor.getState().catalogue.get(node.type);
  return { role: type?.role ?? "task", ports: portsOf(type, node.config), verbatim: type?.verbatim ?? [], perItem: Object.keys(type?.per_item ?? {}) };
}

/** What would come of it, as the flow and its selection stand now. */
export function planned(name: string, flow = name): Extraction | Refused {
  const { document, selection } = useEditor.getState();
  return extracted(document, selection.nodes, { name, flow, notes: selection.notes }, factsOf);
}

/** A call by name is what people read; where the name isn't the only one, it is by id. */
async function isOnly(name: string): Promise<boolean> {
  const { results, next } = await flows.list({ q: name });
  return next === null && results.every((flow) => flow.name !== name);
}

export type Taken = "done" | "changed" | "unpublished";

/**
 * Make the sub-flow, publish it so that it answers, and call it from here. Throws ApiError where the server refuses the
 * new flow; then nothing has changed. "changed": someone else changed the part meanwhile, and nothing was taken out.
 */
export async function takeOut(name: string): Promise<Taken> {
  const before = planned(name);
  if (isRefused(before)) return "changed";
  const isNamed = await isOnly(name);
  const made = await flows.create({ name, document: before.child });
  const found = planned(name, isNamed ? name : made.id);
  if (isRefused(found) || !same(found.child, before.child)) {
    await flows.archive(made.id);
    return "changed";
  }
  const isAnswering = await published(made.id);
  const { dispatch, select } = useEditor.getState();
  dispatch({ kind: "replace", document: found.parent }, labelled("commands.edit.extract", { what: name }));
  select({ nodes: [found.call] });
  useView.getState().canvas?.show(found.call);
  await queryClient.invalidateQueries({ queryKey: keys.flows });
  return isAnswering ? "done" : "unpublished";
}

/** A sub-flow that can't be published yet stands as a draft: what keeps it from it is told there. */
async function published(id: string): Promise<boolean> {
  try {
    await flows.publish(id, t("extract.note", { flow: useEditor.getState().flow?.name ?? "" }));
    return true;
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    return false;
  }
}
