/** Starting runs of what is drawn: the draft is saved first, so that the server runs what the screen shows. */
import { runs } from "@/api/calls";
import type { RunSummary, StartBody } from "@/api/types";
import { useEditor } from "./editor";
import { pointsOf } from "./breakpoints";
import { flushSaving } from "./opening";
import { useRun } from "./run";

/** Unlike `crypto.randomUUID` this is there on a plain HTTP address of the local network too. */
const freshKey = (): string => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

/** Ask for a run and watch it, unless its flow was left before the answer came. */
async function watched(flow: string, start: () => Promise<RunSummary>): Promise<RunSummary> {
  useRun.setState({ isStarting: true });
  try {
    const started = await start();
    if (useEditor.getState().flow?.id === flow) useRun.getState().follow(started.id);
    return started;
  } finally {
    useRun.setState({ isStarting: false });
  }
}

/** Run the draft, or a part of it, and watch it. Throws ApiError with the problems where it can't run. */
export const startDraft = (flow: string, body: Omit<StartBody, "draft"> = {}): Promise<RunSummary> =>
  watched(flow, async () => {
    await flushSaving();
    const isPart = (body.only ?? body.until ?? body.from) !== undefined;
    return runs.start(flow, { ...(isPart ? {} : { input: {} }), ...body, draft: true, breakpoints: pointsOf(flow) }, freshKey());
  });

/** Run a published version (the live one where none is named) and watch it. */
export const startVersion = (flow: string, body: StartBody = {}): Promise<RunSummary> => watched(flow, () => runs.start(flow, { input: {}, ...body }, freshKey()));
