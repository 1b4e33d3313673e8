/**
 * Why something failed, in the language spoken. A journal keeps each reason in the English it was written in, for ever; who
 * shows it says it again. It decides when the words for that are loaded: never in English, else with the first reason.
 */
import { useEffect, useSyncExternalStore } from "react";
import { useLanguage } from "./index";
import type { Tell } from "./recognised";

const asWritten: Tell = (sentence) => sentence;
const listeners = new Set<() => void>();
let korean: Tell | null = null;

async function load(): Promise<void> {
  korean = (await import("./korean")).inKorean;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says the reason of a failure in the language spoken; one it doesn't know, as it was written. */
export function useFault(): Tell {
  const isKorean = useLanguage() === "ko";
  const known = useSyncExternalStore(listen, () => korean);
  useEffect(() => {
    if (isKorean && known === null) void load();
  }, [isKorean, known]);
  return isKorean && known !== null ? known : asWritten;
}
