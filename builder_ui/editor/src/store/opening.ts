/** Opening a flow: the server's draft and the work kept here come together, and saving begins. */
import { drafts, flows } from "@/api/calls";
import type { Draft } from "@/api/types";
import { beginHistory, present, rebased, recorded, type History } from "@/document/history";
import { joined } from "@/document/joined";
import { merged, type Conflict } from "@/document/merge";
import { same } from "@/document/same";
import type { FlowDocument } from "@/document/types";
import { useEditor, verbatimFields } from "./editor";
import { keptWork, type Work } from "./kept";
import { useRun } from "./run";
import { startSaving, type Saver } from "./saving";

/** The flow whose draft stands open; the page of a run opens none. Who may only look has no saver. */
let opened: { flow: string; saver: Saver | null } | null = null;

/** The draft on the server is what stands on the screen once this resolves, unless the line is down. */
export const flushSaving = async (): Promise<void> => opened?.saver?.flush();

/** Someone saved a flow: where its draft stands open, take it in. */
export const catchUp = async (flow: string, revision: number): Promise<void> => {
  const mine = opened;
  if (mine?.flow !== flow) return;
  if (mine.saver !== null) return mine.saver.catchUp(revision);
  const draft = await drafts.read(flow);
  if (opened !== mine) return;
  useEditor.getState().takeIn(beginHistory(draft.document), new Map());
  useEditor.getState().setProblems(draft.problems ?? (await flows.validate(draft.document)).problems);
};

const NOTHING_OPENED = (): void => undefined;

/**
 * Open a flow in the editor. Throws ApiError where there is no such flow. Answers with how to close it.
 * A flow that was left while it was read (`left`) opens nothing: by then another may stand in its place.
 */
export async function openFlow(flow: { id: string; name: string }, readOnly: boolean, left: AbortSignal): Promise<() => void> {
  const [draft, kept] = await Promise.all([drafts.read(flow.id), readOnly ? null : keptWork(flow.id)]);
  if (left.aborted) return NOTHING_OPENED;
  const begun = recovered(standing(draft, kept?.own ?? null), kept?.left ?? []);
  useEditor.getState().open({ ...flow, readOnly, document: draft.document, history: begun.history });
  const mine = { flow: flow.id, saver: readOnly ? null : startSaving(flow.id, { ...begun, draft }) };
  void kept?.adopt();
  if (readOnly) useEditor.getState().setProblems(draft.problems ?? []);
  opened = mine;
  return () => {
    mine.saver?.stop();
    if (opened !== mine) return;
    opened = null;
    useRun.getState().leave();
    useEditor.getState().close();
  };
}

interface Standing {
  history: History;
  conflicts: readonly Conflict[];
  sent: readonly FlowDocument[];
}

/** What to begin with: the kept work, brought up to what the server has by now; else the server's draft. */
export function standing(draft: Draft, work: Work | null): Standing {
  if (work === null) return { history: beginHistory(draft.document), conflicts: [], sent: [] };
  const sent = work.sent ?? [];
  if (work.revision === draft.revision) return { history: withObject(work.history, draft.document), conflicts: [], sent };
  // Of saves sent as the page went nobody knows here whether they arrived; what stood last was sent in any case.
  const { history, conflicts } = joined([work.base, ...sent, work.document], work.history, draft.document, verbatimFields());
  return { history: withObject(history, draft.document), conflicts, sent: [] };
}

/** What windows left unsaved when they were closed, brought in: one step of the history, so it can be taken back. */
export function recovered(begun: Standing, left: readonly Work[]): Standing {
  const before = present(begun.history);
  let [document, conflicts] = [before, begun.conflicts];
  for (const work of left) {
    const brought = merged([work.base, ...(work.sent ?? [])], work.document, document);
    [document, conflicts] = [brought.document, [...conflicts, ...brought.conflicts]];
  }
  if (document === before) return begun;
  return { ...begun, conflicts, history: recorded(begun.history, document, { key: "commands.edit.recover" }) };
}

/** The history with the server's own object wherever its document stands, so that "nothing to save" is seen by identity. */
const withObject = (history: History, server: FlowDocument): History =>
  rebased(history, (document) => (same(document, server) ? server : document));
