import { useEffect, useState } from "react";
import { t, withWords, type TextKey } from "@/i18n";
import type { RunView } from "@/store/fold";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";

/** Milliseconds that changes of a run are gathered before they are said: nobody can listen to each. */
const GATHERED = 1_000;

/** Says how the run goes from the moment it is followed: its steps and itself, gathered. The past that is looked at is not said. */
function tellRun(say: (words: string) => void): () => void {
  let told: RunView | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const tell = async (): Promise<void> => {
    const { changesSaid } = await withWords(import("./telling"));
    timer = undefined;
    const { live, cursor } = useRun.getState();
    if (isOver || live === null || told?.id !== live.id) return;
    const words = cursor === null ? changesSaid(told, live, t) : "";
    told = live;
    if (words !== "") say(words);
  };
  const end = useRun.subscribe(({ live }, before) => {
    if (live === before.live) return;
    if (live === null || told?.id !== live.id) told = live;
    else timer ??= setTimeout(() => void tell(), GATHERED);
  });
  return () => {
    isOver = true;
    clearTimeout(timer);
    end();
  };
}

/** Says to screen readers what happens: edits by command, and how the run goes. */
export function LiveRegion() {
  const [words, setWords] = useState("");
  useEffect(
    () =>
      useView.subscribe(({ said }, before) => {
        if (said !== null && said !== before.said) setWords(t(said.key as TextKey, said.params));
      }),
    [],
  );
  useEffect(() => tellRun(setWords), []);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="told">
      {words}
    </div>
  );
}
