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

let timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Keep the work, a moment later: a burst of edits is written once. Documents share their parts in the store too. */
export function keepWork(flow: string, work: Work): void {
  clearTimeout(timers.get(flow));
  timers.set(
    flow,
    setTimeout(() => {
      timers.delete(flow);
      set(flow, trimmed(work), opened()).catch(onFull);
    }, 150),
  );
}

/** The newest steps, so that what is kept stays small. */
function trimmed(work: Work): Work {
  const first = Math.max(0, Math.min(work.history.at, work.history.steps.length - STEPS_KEPT));
  return { ...work, history: { steps: work.history.steps.slice(first), at: work.history.at - first } };
}

/** A browser without room or with storage forbidden still edits and saves; only this net is missing. */
function onFull(): void {
  timers = new Map();
}

export async function keptWork(flow: string): Promise<Work | null> {
  try {
    return (await get<Work>(flow, opened())) ?? null;
  } catch {
    return null;
  }
}

export async function forgetWork(flow: string): Promise<void> {
  await del(flow, opened()).catch(onFull);
}
