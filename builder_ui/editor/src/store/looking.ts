/** Brings the moment of a run that people look at onto the page: one question at a time, always for the newest wish. */
import { ApiError } from "@/api/client";
import { journalOf, pastOf, type Past } from "./travel";
import { useRun } from "./run";
import { useView } from "./view";

let opened: { run: string; past: Past } | null = null;
let isBusy = false;

/** The past of the run that is shown; null while nothing is known of it. */
export function pastOfShown(): Past | null {
  const { runId, live } = useRun.getState();
  if (runId === null || live === null) return null;
  if (opened?.run !== runId) opened = { run: runId, past: pastOf(live, journalOf(runId)) };
  return opened.past;
}

/** Show the run as it was at the cursor. Moments that were passed over meanwhile are never asked for. */
export async function look(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  try {
    for (;;) {
      const { runId, cursor } = useRun.getState();
      const past = pastOfShown();
      if (cursor === null || past === null) return;
      const [view, page] = await Promise.all([past.at(cursor), past.around(cursor)]);
      const now = useRun.getState();
      if (now.runId === runId && now.cursor !== null) useRun.setState({ view, moment: page.find(({ seq }) => seq === cursor) ?? null });
      if (now.runId === runId && now.cursor === cursor) return;
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useRun.getState().lookAt(null);
    useView.getState().fail(error);
  } finally {
    isBusy = false;
  }
}
