/** Opening a flow: the server's draft and the work kept here come together, and saving begins. */
import { drafts } from "@/api/calls";
import type { Draft } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { merged } from "@/document/merge";
import { beginHistory, rebased, recorded, type History } from "@/document/history";
import { useEditor } from "./editor";
import { keptWork, type Work } from "./kept";
import { useRun } from "./run";
import { startSaving, type Saver } from "./saving";

let saver: Saver | null = null;

/** The draft on the server is what stands on the screen once this resolves, unless the line is down. */
export const flushSaving = async (): Promise<void> => saver?.flush();

const NOTHING_OPENED = (): void => undefined;

/**
 * Open a flow in the editor. Throws ApiError where there is no such flow. Answers with how to close it.
 * A flow that was left while it was read (`left`) opens nothing: by then another may stand in its place.
 */
export async function openFlow(flow: { id: string; name: string }, readOnly: boolean, left: AbortSignal): Promise<() => void> {
  const [draft, kept] = await Promise.all([drafts.read(flow.id), readOnly ? null : keptWork(flow.id)]);
  if (left.aborted) return NOTHING_OPENED;
  useEditor.getState().open({ ...flow, readOnly, ...recovered(standing(draft, kept?.own ?? null), kept?.left ?? []) });
  const mine = readOnly ? null : startSaving(flow.id, draft);
  void kept?.adopt();
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

interface Standing {
  document: FlowDocument;
  history?: History;
}

/**
 * What to begin with: the kept work, brought up to what the server has by now; else the server's draft.
 * A document that stands in the kept history came from here, although its revision may be news: the page was
 * gone before the answer to its save came. Taken for another's change it could not be undone any more.
 */
export function standing(draft: Draft, work: Work | null): Standing {
  if (work === null) return { document: draft.document };
  const text = JSON.stringify(draft.document);
  const isOwn = work.history.steps.some((step) => JSON.stringify(step.document) === text);
  if (isOwn || work.revision === draft.revision) return { document: work.document, history: withServerDocument(work, draft) };
  const history = rebased(work.history, (document) => merged(work.base, document, draft.document).document);
  return { document: merged(work.base, work.document, draft.document).document, history };
}

/** What windows left unsaved when they were closed, brought in: one step of the history, so it can be taken back. */
export function recovered({ document, history }: Standing, left: readonly Work[]): Standing {
  const all = left.reduce((before, work) => merged(work.base, work.document, before).document, document);
  if (all === document) return history === undefined ? { document } : { document, history };
  return { document: all, history: recorded(history ?? beginHistory(document), all, { key: "commands.edit.recover" }) };
}

/** The history with the server's own object wherever its document stands, so that "nothing to save" is seen by identity. */
function withServerDocument(work: Work, draft: Draft) {
  const text = JSON.stringify(draft.document);
  return rebased(work.history, (document) => (JSON.stringify(document) === text ? draft.document : document));
}
