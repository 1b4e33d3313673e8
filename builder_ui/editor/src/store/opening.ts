/** Opening a flow: the server's draft and the work kept here come together, and saving begins. */
import { drafts } from "@/api/calls";
import type { Draft } from "@/api/types";
import { merged } from "@/document/merge";
import { rebased } from "@/document/history";
import { useEditor } from "./editor";
import { keptWork, type Work } from "./kept";
import { useRun } from "./run";
import { startSaving, type Saver } from "./saving";

let saver: Saver | null = null;

/** The draft on the server is what stands on the screen once this resolves, unless the line is down. */
export const flushSaving = async (): Promise<void> => saver?.flush();

/** Open a flow in the editor. Throws ApiError where there is no such flow. Answers with how to close it. */
export async function openFlow(flow: { id: string; name: string }, readOnly: boolean): Promise<() => void> {
  const [draft, work] = await Promise.all([drafts.read(flow.id), readOnly ? null : keptWork(flow.id)]);
  useEditor.getState().open({ ...flow, readOnly, ...standing(draft, work) });
  const mine = readOnly ? null : startSaving(flow.id, draft);
  if (readOnly) useEditor.getState().setProblems(draft.problems ?? []);
  saver = mine;
  return () => {
    mine?.stop();
    if (saver !== mine) return;
    saver = null;
    useRun.getState().leave();
    useEditor.getState().close();
  };
}

/**
 * What to begin with: the kept work, brought up to what the server has by now; else the server's draft.
 * A document that stands in the kept history came from here, although its revision may be news: the page was
 * gone before the answer to its save came. Taken for another's change it could not be undone any more.
 */
export function standing(draft: Draft, work: Work | null) {
  if (work === null) return { document: draft.document };
  const text = JSON.stringify(draft.document);
  const isOwn = work.history.steps.some((step) => JSON.stringify(step.document) === text);
  if (isOwn || work.revision === draft.revision) return { document: work.document, history: withServerDocument(work, draft) };
  const history = rebased(work.history, (document) => merged(work.base, document, draft.document).document);
  return { document: merged(work.base, work.document, draft.document).document, history };
}

/** The history with the server's own object wherever its document stands, so that "nothing to save" is seen by identity. */
function withServerDocument(work: Work, draft: Draft) {
  const text = JSON.stringify(draft.document);
  return rebased(work.history, (document) => (JSON.stringify(document) === text ? draft.document : document));
}
