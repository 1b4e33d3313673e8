/** What can be done to a flow from a list of them. */
import { drafts, flows } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys, queryClient } from "@/api/queries";
import type { Flow } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { t } from "@/i18n";

const forget = (): Promise<void> => queryClient.invalidateQueries({ queryKey: keys.flows });

/** A new flow begins with a trigger, so that it can be run at once. */
export async function createFlow(name: string): Promise<Flow> {
  const document: FlowDocument = { dsl: 1, name, nodes: [{ id: "start", type: "trigger.manual", position: { x: 0, y: 0 } }], edges: [] };
  const made = await flows.create({ name, document });
  await forget();
  return made;
}

/** Bring in a document as a flow of its own. Throws ApiError where it is none. */
export async function importFlow(file: File): Promise<Flow> {
  let document: FlowDocument;
  try {
    document = JSON.parse(await file.text()) as FlowDocument;
  } catch {
    throw new ApiError(422, "not_json", t("pages.flows.notJson", { file: file.name }));
  }
  const name = typeof document.name === "string" && document.name !== "" ? document.name : file.name.replace(/\.json$/i, "");
  const made = await flows.create({ name, document });
  await forget();
  return made;
}

/** Hand the draft of a flow to the person as a file. */
export async function exportFlow(flow: Flow): Promise<void> {
  const { document: drawn } = await drafts.read(flow.id);
  const text = JSON.stringify({ ...drawn, name: flow.name }, null, 2);
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${flow.name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-")}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export async function renameFlow(id: string, name: string): Promise<void> {
  await flows.change(id, { name });
  await forget();
}

export async function duplicateFlow(id: string): Promise<Flow> {
  const made = await flows.duplicate(id);
  await forget();
  return made;
}

/** Add tags to those it has. */
export async function tagFlow(flow: Flow, tags: readonly string[]): Promise<void> {
  await flows.change(flow.id, { tags: [...new Set([...(flow.tags ?? []), ...tags])] });
  await forget();
}

export async function archiveFlow(id: string): Promise<void> {
  await flows.archive(id);
  await forget();
}

export async function restoreFlow(id: string): Promise<void> {
  await flows.restore(id);
  await forget();
}

/** Let the triggers of a suspended flow start it again. */
export async function resumeFlow(id: string): Promise<void> {
  await flows.resume(id);
  await forget();
}

export async function switchTriggers(id: string, active: boolean): Promise<void> {
  await flows.change(id, { active });
  await forget();
}
