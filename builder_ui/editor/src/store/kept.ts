/** Work kept in the browser: the draft as it stands here with its history, so that a reload or a lost line loses nothing. */
import { createStore, del, get, set, type UseStore } from "idb-keyval";
import type { History } from "@/document/history";
import type { FlowDocument } from "@/document/types";

export interface Work {
  /** What the server had when this was begun, and its revision: what a merge starts from. */
  base: FlowDocument;
  revision: number;
  document: FlowDocument;
  history: History;
}

const STEPS_KEPT = 100;

let store: UseStore | null = null;
const opened = (): UseStore => (store ??= createStore("mulgil", "work"));

const waiting = new Map<string, Work>();
const writing = new Map<string, Promise<void>>();

/**
 * Keep the work at once: a page may be gone a moment later. While one write is under way the newest work
 * waits for it, so a burst of edits is written twice and not a hundred times.
 */
export function keepWork(flow: string, work: Work): void {
  if (writing.has(flow)) {
    waiting.set(flow, work);
    return;
  }
  const written = set(flow, trimmed(work), opened())
    .catch(onFull)
    .then(() => {
      writing.delete(flow);
      const next = waiting.get(flow);
      waiting.delete(flow);
      if (next !== undefined) keepWork(flow, next);
    });
  writing.set(flow, written);
}

/** The newest steps, so that what is kept stays small. */
function trimmed(work: Work): Work {
  const first = Math.max(0, Math.min(work.history.at, work.history.steps.length - STEPS_KEPT));
  return { ...work, history: { steps: work.history.steps.slice(first), at: work.history.at - first } };
}

/** A browser without room or with storage forbidden still edits and saves; only this net is missing. */
function onFull(): void {
  waiting.clear();
}

export async function keptWork(flow: string): Promise<Work | null> {
  try {
    return (await get<Work>(flow, opened())) ?? null;
  } catch {
    return null;
  }
}

export async function forgetWork(flow: string): Promise<void> {
  waiting.delete(flow);
  await writing.get(flow);
  await del(flow, opened()).catch(onFull);
}
