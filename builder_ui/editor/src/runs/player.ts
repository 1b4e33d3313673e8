/** Playing a run's past: how far it has come after some time. Pure. */
import type { RunEvent } from "@/api/types";

/** Nobody watches a run sleep: a pause longer than this (ms) is played as this long. */
export const LONGEST_PAUSE = 1_000;
export const SPEEDS = [1, 4, 16, 64] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Played {
  seq: number;
  /** Milliseconds of the run that were not spent, because the next event is further away. */
  left: number;
  /** The events at hand end here: the next page is needed to go on. */
  isAtEdge: boolean;
}

/** Go on from the event `seq` by `budget` milliseconds of the run, over the events at hand, which are in order. */
export function played(events: readonly RunEvent[], seq: number, budget: number): Played {
  let at = events.findIndex((event) => event.seq === seq);
  let left = budget;
  for (;;) {
    const here = events[at];
    const next = events[at + 1];
    if (next === undefined) return { seq: here?.seq ?? seq, left, isAtEdge: true };
    const gap = here === undefined ? 0 : Math.min(LONGEST_PAUSE, Math.max(0, Date.parse(next.at) - Date.parse(here.at)));
    if (gap > left) return { seq: here?.seq ?? seq, left, isAtEdge: false };
    left -= gap;
    at += 1;
  }
}
