/** What can be done to a flow from a list of them. */
import { flows } from "@/api/calls";
import { keys, queryClient } from "@/api/queries";
import type { Flow } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { withWords } from "@/i18n";

const forget = (): Promise<void> => queryClient.invalidateQueries({ queryKey: keys.flows });

/** A new flow begins with a trigger, so that it can be run at once. */
export async function createFlow(name: string): Promise<Flow> {
  const document: FlowDocument = { dsl: 1, name, nodes: [{ id: "start", type: "trigger.manual", position: { x: 0, y: 0 } }], edges: [] };
  const made = await flows.create({ name, document });
  await forget();
  return made;
}

/** Hand flows to the person as files; what that takes is loaded when it is asked for. */
export const exportFlows = async (ids: readonly string[]): Promise<void> => (await withWords(import("@/commands/filing"))).exportFlows(ids);

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
