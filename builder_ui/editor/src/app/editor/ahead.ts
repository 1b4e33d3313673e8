/** What a run would fetch, and do for the first time, as it begins: done before, while nothing else is. */
import { useEffect } from "react";
import { withWords } from "@/i18n";
import { prepareTimes } from "@/ui/time";

/** Milliseconds, where the browser doesn't tell when it is idle. */
const QUIET = 1_000;

function whenIdle(work: () => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(work, QUIET);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(work);
  return () => cancelIdleCallback(asked);
}

const loadRun = () => withWords(Promise.all([import("./Beside"), import("@/runs/TimeBar"), import("@/runs/Timeline")]));

export function useRunAhead(): void {
  useEffect(() => whenIdle(() => void loadRun().then(prepareTimes)), []);
}
