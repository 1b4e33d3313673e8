/** Starting runs of what is drawn: the draft is saved first, so that the server runs what the screen shows. */
import { runs } from "@/api/calls";
import type { RunSummary, StartBody } from "@/api/types";
import { useEditor } from "./editor";
import { pointsOf } from "./breakpoints";
import { flushSaving } from "./opening";
import { useRun } from "./run";

/** Unlike `crypto.randomUUID` this is there on a plain HTTP address of the local network too. */
const freshKey = (): string => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

/** Watch a run that was just started, unless its flow was left before the answer came. */
function watch(flow: string, run: string): void {
  if (useEditor.getState().flow?.id === flow) useRun.getState().follow(run);
}

/** Run the draft, or a part of it, and watch it. Throws ApiError with the problems where it can't run. */
export async function startDraft(flow: string, body: Omit<StartBody, "draft"> = {}): Promise<RunSummary> {
  await flushSaving();
  const isPart = (body.only ?? body.until ?? body.from) !== undefined;
  const started = await runs.start(flow, { ...(isPart ? {} : { input: {} }), ...body, draft: true, breakpoints: pointsOf(flow) }, freshKey());
  watch(flow, started.id);
  return started;
}

/** Run a published version (the live one where none is named) and watch it. */
export async function startVersion(flow: string, body: StartBody = {}): Promise<RunSummary> {
  const started = await runs.start(flow, { input: {}, ...body }, freshKey());
  watch(flow, started.id);
  return started;
}
