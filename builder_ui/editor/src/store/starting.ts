/** Starting runs of what is drawn: the draft is saved first, so that the server runs what the screen shows. */
import { runs } from "@/api/calls";
import type { RunSummary, StartBody } from "@/api/types";
import { flushSaving } from "./opening";
import { useRun } from "./run";

/** Run the draft, or a part of it, and watch it. Throws ApiError with the problems where it can't run. */
export async function startDraft(flow: string, body: Omit<StartBody, "draft"> = {}): Promise<RunSummary> {
  await flushSaving();
  const started = await runs.start(flow, { input: {}, ...body, draft: true }, crypto.randomUUID());
  useRun.getState().follow(started.id);
  return started;
}

/** Run a published version (the live one where none is named) and watch it. */
export async function startVersion(flow: string, body: StartBody = {}): Promise<RunSummary> {
  const started = await runs.start(flow, { input: {}, ...body }, crypto.randomUUID());
  useRun.getState().follow(started.id);
  return started;
}
