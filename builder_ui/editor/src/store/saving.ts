/**
 * Saving the draft as people type: one save at a time, compare-and-set on the server's revision.
 *
 * It decides when to save and how to come together with what someone else saved meanwhile (a merge per
 * node). It never overwrites what it hasn't seen, and keeps unsaved work in the browser until the server
 * has it.
 */
import { create } from "zustand";
import { drafts } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { Draft } from "@/api/types";
import { merged } from "@/document/merge";
import type { FlowDocument } from "@/document/types";
import { useEditor } from "./editor";
import { keepLast, keepWork } from "./kept";

export type SavingStatus = "saved" | "unsaved" | "saving" | "offline" | "refused";

export interface SavingState {
  status: SavingStatus;
  revision: number;
  savedAt: number | null;
  /** Why the server refused the draft; the next edit tries again. */
  error: ApiError | null;
  /** Fields that both people changed: mine stand, theirs are in the versions of the draft. */
  conflicts: readonly string[];
  dismissConflicts: () => void;
}

export const useSaving = create<SavingState>()((set) => ({
  status: "saved",
  revision: 0,
  savedAt: null,
  error: null,
  conflicts: [],
  dismissConflicts: () => set({ conflicts: [] }),
}));

const QUIET = 700;
const LONGEST = 5_000;

export interface Saver {
  /** Save what isn't saved, now; resolves when the server has all of it or has refused. */
  flush: () => Promise<void>;
  stop: () => void;
}

/** Watch the open flow and save it. `draft` is what the server has; the editor may already hold more (kept work). */
export function startSaving(flow: string, draft: Draft): Saver {
  let base: FlowDocument = draft.document;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since: number | null = null;
  let running: Promise<void> | null = null;
  let stopped = false;
  let pause = QUIET;

  useSaving.setState({ status: "saved", revision: draft.revision, savedAt: null, error: null, conflicts: [] });
  useEditor.getState().setProblems(draft.problems ?? []);

  const isClean = () => useEditor.getState().document === base;

  const keep = () => {
    const { document, history } = useEditor.getState();
    keepWork(flow, { base, revision: useSaving.getState().revision, document, history });
  };

  const schedule = (wait: number) => {
    if (stopped) return;
    since ??= Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), Math.max(0, Math.min(wait, since + LONGEST - Date.now())));
  };

  const onSaved = (sent: FlowDocument, answer: Draft) => {
    base = sent;
    pause = QUIET;
    since = null;
    useSaving.setState({ status: isClean() ? "saved" : "unsaved", revision: answer.revision, savedAt: Date.now(), error: null });
    if (isClean()) {
      useEditor.getState().setProblems(answer.problems ?? []);
      useEditor.getState().setFindings(answer.findings ?? []);
    } else schedule(QUIET);
    keep();
  };

  const onConflict = async () => {
    const theirs = await drafts.read(flow);
    const before = base;
    const { conflicts } = merged(before, useEditor.getState().document, theirs.document);
    useEditor.getState().takeIn((document) => merged(before, document, theirs.document).document);
    base = theirs.document;
    useSaving.setState({ revision: theirs.revision, conflicts });
  };

  const onFailure = (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    const isPassing = error.isOffline || error.status >= 500 || error.status === 429;
    useSaving.setState({ status: isPassing ? "offline" : "refused", error: isPassing ? null : error });
    if (isPassing) {
      pause = Math.min(pause * 2, 30_000);
      since = null;
      schedule(pause);
    } else if (error.problems.length > 0) useEditor.getState().setProblems(error.problems);
  };

  const saveOnce = async (): Promise<void> => {
    const { document } = useEditor.getState();
    useSaving.setState({ status: "saving" });
    try {
      onSaved(document, await drafts.save(flow, document, useSaving.getState().revision));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) {
        onFailure(error);
        return;
      }
      try {
        await onConflict();
      } catch (second) {
        onFailure(second);
        return;
      }
      if (!isClean()) await saveOnce();
      else useSaving.setState({ status: "saved", savedAt: Date.now() });
    }
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    if (running !== null) await running;
    if (stopped || isClean()) return;
    running = saveOnce().finally(() => {
      running = null;
    });
    await running;
  };

  const onChange = () => {
    if (isClean()) {
      if (useSaving.getState().status === "unsaved") useSaving.setState({ status: "saved" });
      clearTimeout(timer);
      since = null;
    } else {
      if (useSaving.getState().status !== "saving") useSaving.setState({ status: "unsaved" });
      schedule(pause);
    }
    keep();
  };

  const onOnline = () => void flush();
  const onHide = () => {
    if (document.visibilityState === "hidden") void flush();
  };

  const unsubscribe = useEditor.subscribe((state, before) => {
    if (state.history !== before.history && state.flow?.id === flow && !state.readOnly) onChange();
  });
  window.addEventListener("online", onOnline);
  document.addEventListener("visibilitychange", onHide);
  window.addEventListener("pagehide", keepLast);
  if (!isClean() && !useEditor.getState().readOnly) onChange();

  return {
    flush,
    stop: () => {
      unsubscribe();
      window.removeEventListener("online", onOnline);
      document.removeEventListener("visibilitychange", onHide);
      window.removeEventListener("pagehide", keepLast);
      // What is still unsaved is sent on its way; it is kept in the browser too.
      void flush().finally(() => {
        stopped = true;
        clearTimeout(timer);
      });
    },
  };
}
