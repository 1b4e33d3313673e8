/**
 * Work kept in the browser: the draft as it stands here with its history, so that a reload, a lost line or a
 * closed window loses nothing. Each window keeps its own, so that none writes over another's.
 */
import { createStore, delMany, entries, set, type UseStore } from "idb-keyval";
import { beginHistory, recorded, standingStep, type History, type Step } from "@/document/history";
import type { FlowDocument } from "@/document/types";
import { openWindows, thisWindow } from "./window";

export interface Work {
  /** What the server had when this was begun, and its revision: what a merge starts from. */
  base: FlowDocument;
  revision: number;
  document: FlowDocument;
  history: History;
  /** Saves that were sent and of which nobody knows whether they arrived. */
  sent?: readonly FlowDocument[];
}

/** What was kept of a flow: by this window, and by closed ones that had not saved it. */
export interface Kept {
  own: Work | null;
  left: readonly Work[];
  /** Forget what closed windows left, once it is kept by this one. */
  adopt: () => Promise<void>;
}

/** What a closing window has time to take down: its work without the history, and the edit that stands. */
type Last = Omit<Work, "history"> & { edit?: Omit<Step, "document"> };

const STEPS_KEPT = 100;
const LAST = "mulgil.last.";

let store: UseStore | null = null;
const opened = (): UseStore => (store ??= createStore("mulgil", "work"));
const keyOf = (flow: string, window: string): string => `${flow}/${window}`;

const waiting = new Map<string, Work>();
const writing = new Map<string, Promise<void>>();

/**
 * Keep the work at once: a page may be gone a moment later. While one write is under way the newest work
 * waits for it, so a burst of edits is written twice and not a hundred times.
 */
export function keepWork(flow: string, work: Work): void {
  waiting.set(flow, work);
  if (!writing.has(flow)) writing.set(flow, write(flow));
}

async function write(flow: string): Promise<void> {
  const key = keyOf(flow, await thisWindow());
  for (let work = waiting.get(flow); work !== undefined; work = waiting.get(flow)) {
    try {
      await set(key, trimmed(work), opened());
    } catch {
      // A browser without room or with storage forbidden still edits and saves; only this net is missing.
    }
    // It counts as waiting until it is written: what a closing window takes down is what waits.
    if (waiting.get(flow) === work) waiting.delete(flow);
  }
  writing.delete(flow);
}

/** The newest steps, so that what is kept stays small. */
function trimmed(work: Work): Work {
  const first = Math.max(0, Math.min(work.history.at, work.history.steps.length - STEPS_KEPT));
  return { ...work, history: { steps: work.history.steps.slice(first), at: work.history.at - first } };
}

/** Take down at once, while the window closes, what has not been written yet. */
export function keepLast(): void {
  const window = sessionStorage.getItem("mulgil.window");
  if (window === null) return;
  for (const [flow, { history, ...words }] of waiting) {
    const { document: _, ...edit } = standingStep(history);
    const last: Last = { ...words, edit };
    try {
      localStorage.setItem(LAST + keyOf(flow, window), JSON.stringify(last));
    } catch {
      return;
    }
  }
}

/** What a closing window took down in its last moment, put upon what it had written before: one step with what it went on from. */
function withLast(key: string, written: Work | undefined): Work | null {
  const text = localStorage.getItem(LAST + key);
  if (text === null) return written ?? null;
  localStorage.removeItem(LAST + key);
  // A page from before an upgrade took down no edit.
  const { edit = { label: { key: "commands.edit.recover" }, gesture: null }, ...last } = JSON.parse(text) as Last;
  return { ...last, history: recorded(written?.history ?? beginHistory(last.base), last.document, edit.label, edit.gesture) };
}

const isUnsaved = ({ base, document }: Work): boolean => JSON.stringify(base) !== JSON.stringify(document);

/** Everything that is kept of a flow. */
export async function keptWork(flow: string): Promise<Kept> {
  try {
    const mine = keyOf(flow, await thisWindow());
    const isOpen = await openWindows();
    const written = new Map((await entries<string, Work>(opened())).filter(([key]) => key.startsWith(`${flow}/`)));
    const takenDown = Object.keys(localStorage).flatMap((key) => (key.startsWith(`${LAST}${flow}/`) ? [key.slice(LAST.length)] : []));
    const closed = [...new Set([...written.keys(), ...takenDown])].filter((key) => key !== mine && !isOpen(key.slice(flow.length + 1)));
    const own = withLast(mine, written.get(mine));
    const found = closed.map((key) => withLast(key, written.get(key))).filter((work) => work !== null);
    const unsaved = found.filter(isUnsaved);
    // With nothing of its own, a window goes on from the newest that is saved: its undo is still good for something.
    const saved = found.filter((work) => !isUnsaved(work)).sort((a, b) => b.revision - a.revision)[0];
    return { own: own ?? saved ?? null, left: unsaved, adopt: () => forget(flow, closed) };
  } catch {
    return { own: null, left: [], adopt: () => Promise.resolve() };
  }
}

async function forget(flow: string, keys: string[]): Promise<void> {
  await writing.get(flow);
  await delMany(keys, opened()).catch(() => undefined);
}

export async function forgetWork(flow: string): Promise<void> {
  waiting.delete(flow);
  await forget(flow, [keyOf(flow, await thisWindow())]);
}
