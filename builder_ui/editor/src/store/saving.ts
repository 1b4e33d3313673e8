/**
 * Saving the draft as people type: one call at a time, compare-and-set on the server's revision.
 *
 * It decides when to save and how to come together with what someone else saved meanwhile (a merge per
 * node). It never overwrites what it hasn't seen, never speaks of another flow than its own, and keeps unsaved work in
 * the browser until the server has it.
 */
import { create } from "zustand";
import { drafts, flows } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { Draft } from "@/api/types";
import { beginHistory, present, type History } from "@/document/history";
import { joined } from "@/document/joined";
import type { Conflict } from "@/document/merge";
import type { FlowDocument } from "@/document/types";
import { useEditor, verbatimFields } from "./editor";
import { keepLast, keepWork } from "./kept";

export type SavingStatus = "saved" | "unsaved" | "saving" | "offline" | "refused";

export interface SavingState {
  status: SavingStatus;
  revision: number;
  savedAt: number | null;
  /** While the line is down: when it is tried again, in milliseconds since the epoch. */
  retryAt: number | null;
  /** Why the server refused the draft; the next edit tries again. */
  error: ApiError | null;
  /** What both people changed, until someone decides. Mine stand. */
  conflicts: readonly Conflict[];
  settle: (conflict: Conflict) => void;
}

export const useSaving = create<SavingState>()((set) => ({
  status: "saved",
  revision: 0,
  savedAt: null,
  retryAt: null,
  error: null,
  conflicts: [],
  settle: (conflict) => set((state) => ({ conflicts: state.conflicts.filter((other) => other !== conflict) })),
}));

const QUIET = 700;
const LONGEST = 5_000;
const LONGEST_PAUSE = 30_000;
/** What a request may weigh that outlives its page; browsers draw the line at 64 KiB. */
const LIGHT = 60_000;

export interface Saver {
  /** Save what isn't saved, now; resolves when the server has all of it or has refused. */
  flush: () => Promise<void>;
  /** Someone saved this revision: take it in. */
  catchUp: (revision: number) => Promise<void>;
  stop: () => void;
}

export interface Beginning {
  /** What the server has. The editor may already hold more (kept work). */
  draft: Draft;
  sent?: readonly FlowDocument[];
  conflicts?: readonly Conflict[];
}

const keyOf = ({ of, path }: Conflict): string => JSON.stringify([of, path]);

/** Watch the open flow and save it. */
export function startSaving(flow: string, { draft, sent = [], conflicts = [] }: Beginning): Saver {
  let base: FlowDocument = draft.document;
  let revision = draft.revision;
  /** Saves of which nobody knows whether they arrived: the line broke before the answer. */
  let doubtful: readonly FlowDocument[] = sent;
  /** What stood when the flow was closed; from then on the editor holds something else. */
  let left: History | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since: number | null = null;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  let pause = QUIET;

  const history = (): History => left ?? useEditor.getState().history;
  const standing = (): FlowDocument => present(history());
  const isClean = (): boolean => standing() === base;
  const tell = (state: Partial<SavingState>): void => {
    if (left === null) useSaving.setState(state);
  };

  const keep = (): void => keepWork(flow, { base, revision, document: standing(), history: history(), sent: doubtful });

  /** What the server says of the document. A draft that is only read comes without. */
  const judged = ({ problems, findings }: Pick<Draft, "problems" | "findings">): void => {
    if (problems != null) useEditor.getState().setProblems(problems);
    if (findings != null) useEditor.getState().setFindings(findings);
  };

  const schedule = (wait: number): void => {
    if (stopped) return;
    since ??= Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), Math.max(0, Math.min(wait, since + LONGEST - Date.now())));
  };

  const onSaved = (document: FlowDocument, answer: Draft): void => {
    [base, revision, doubtful, pause, since] = [document, answer.revision, [], QUIET, null];
    tell({ status: isClean() ? "saved" : "unsaved", revision, savedAt: Date.now(), error: null, retryAt: null });
    if (!isClean()) schedule(QUIET);
    else if (left === null) judged(answer);
    keep();
  };

  const takeIn = async (): Promise<void> => {
    const draft = await drafts.read(flow);
    const met = joined([base, ...doubtful], history(), draft.document, verbatimFields());
    // A save that was sent may still arrive as long as the revision it was sent for stands.
    if (draft.revision !== revision) doubtful = [];
    [base, revision] = [met.theirs, draft.revision];
    if (left !== null) left = met.history;
    else {
      useEditor.getState().takeIn(met.history, met.names);
      const fresh = new Map([...useSaving.getState().conflicts, ...met.conflicts].map((conflict) => [keyOf(conflict), conflict]));
      tell({ revision, conflicts: [...fresh.values()] });
      if (isClean()) {
        tell({ status: "saved", savedAt: Date.now(), error: null, retryAt: null });
        judged(draft.problems == null ? await flows.validate(draft.document) : draft);
      }
    }
    keep();
  };

  const onFailure = (error: unknown): void => {
    if (!(error instanceof ApiError)) throw error;
    const isPassing = error.isOffline || error.status >= 500 || error.status === 429;
    if (isPassing) {
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      since = Date.now() + pause - LONGEST;
      tell({ status: "offline", error: null, retryAt: Date.now() + pause });
      schedule(pause);
      return;
    }
    tell({ status: "refused", error, retryAt: null });
    if (error.problems.length > 0 && left === null) useEditor.getState().setProblems(error.problems);
  };

  const save = async (): Promise<void> => {
    const document = standing();
    tell({ status: "saving" });
    const before = doubtful;
    doubtful = [...before, document].slice(-20);
    keep();
    try {
      onSaved(document, await drafts.save(flow, document, revision));
    } catch (error) {
      const isKnown = error instanceof ApiError && !error.isOffline && error.status < 500;
      // A stale one may have arrived all the same: a browser sends again by itself what a broken line left without answer.
      if (isKnown && error.status !== 409) doubtful = before;
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      await takeIn();
      if (!isClean()) await save();
    }
  };

  /** One after the other: two saves at once would each be stale to the other. */
  const inTurn = (does: () => Promise<void>): Promise<void> => {
    turn = turn.catch(() => undefined).then(() => (stopped ? undefined : does().catch(onFailure)));
    return turn;
  };

  const flush = (): Promise<void> =>
    inTurn(async () => {
      clearTimeout(timer);
      if (!isClean()) await save();
      else if (useSaving.getState().status === "offline") tell({ status: "saved", retryAt: null });
    });

  const onChange = (): void => {
    const { status } = useSaving.getState();
    if (isClean()) {
      if (status === "unsaved") tell({ status: "saved" });
      clearTimeout(timer);
      since = null;
    } else {
      if (status === "saved" || status === "refused") tell({ status: "unsaved" });
      if (status !== "offline") schedule(QUIET);
    }
    keep();
  };

  const onOnline = (): void => {
    pause = QUIET;
    void flush();
  };
  const onSeen = (): void => void flush();
  /** The page may be gone after this line: what is being typed becomes an edit, and is kept and sent without waiting. */
  const onGone = (): void => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    keepLast();
    if (isClean()) return;
    const last = standing();
    if (new Blob([JSON.stringify(last)]).size < LIGHT) drafts.save(flow, last, revision, true).catch(() => undefined);
  };

  useSaving.setState({ status: isClean() ? "saved" : "unsaved", revision, savedAt: null, retryAt: null, error: null, conflicts: [...conflicts] });
  useEditor.getState().setProblems(draft.problems ?? []);
  const unsubscribe = useEditor.subscribe((state, before) => {
    if (state.history !== before.history && state.flow?.id === flow && left === null) onChange();
  });
  window.addEventListener("online", onOnline);
  window.addEventListener("pagehide", onGone);
  document.addEventListener("visibilitychange", onSeen);
  if (!isClean()) onChange();

  return {
    flush,
    catchUp: (told) => inTurn(async () => {
      if (told > revision) await takeIn();
    }),
    stop: () => {
      left = useEditor.getState().flow?.id === flow ? useEditor.getState().history : beginHistory(base);
      unsubscribe();
      window.removeEventListener("online", onOnline);
      window.removeEventListener("pagehide", onGone);
      document.removeEventListener("visibilitychange", onSeen);
      // What is still unsaved is sent on its way; it is kept in the browser too.
      void flush().finally(() => {
        stopped = true;
        clearTimeout(timer);
      });
    },
  };
}
