import { useSyncExternalStore } from "react";

/** One clock per beat for the whole page, that ticks only while someone looks at it. */
function clock(beat: number) {
  let now = Date.now();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      now = Date.now();
      timer ??= setInterval(() => {
        now = Date.now();
        for (const each of listeners) each();
      }, beat);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    read: () => now,
  };
}

type Beat = "second" | "tenth";

const second = clock(1_000);
const tenth = clock(100);
const still = { subscribe: () => () => undefined, read: () => 0 };

const sourceOf = (running: boolean, beat: Beat) => (!running ? still : beat === "second" ? second : tenth);

/** The present in milliseconds, renewed each second (or tenth of one); stands still while `running` is false. */
export function useNow(running = true, beat: Beat = "second"): number {
  const source = sourceOf(running, beat);
  return useSyncExternalStore(source.subscribe, source.read);
}

/** What follows from the present: looked at with every beat, and drawn again only when it is another. */
export function useOfNow<T extends string | number | boolean | null>(of: (now: number) => T, running = true, beat: Beat = "second"): T {
  const source = sourceOf(running, beat);
  return useSyncExternalStore(source.subscribe, () => of(source.read()));
}
