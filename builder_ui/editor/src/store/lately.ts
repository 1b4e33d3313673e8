/** The run as it stood a moment ago: for what shows so much of it that a drawing at each event would cost frames. */
import { create } from "zustand";
import { isOver } from "./fold";
import { useRun, type RunState } from "./run";

/** Milliseconds between two looks at a run that streams. */
const PACE = 100;

export const useRunLately = create<RunState>()(() => useRun.getState());

const hasEnded = ({ live }: RunState): boolean => live !== null && isOver(live.status);

/** What nobody may see late: another run, another moment of it, its end. */
const isTurn = (now: RunState, shown: RunState): boolean =>
  now.runId !== shown.runId ||
  now.isStarting !== shown.isStarting ||
  now.cursor !== shown.cursor ||
  now.moment !== shown.moment ||
  now.stepKey !== shown.stepKey ||
  (now.cursor !== null && now.view !== shown.view) ||
  (now.live === null) !== (shown.live === null) ||
  hasEnded(now) !== hasEnded(shown);

let timer: ReturnType<typeof setTimeout> | undefined;

function take(): void {
  clearTimeout(timer);
  timer = setTimeout(rest, PACE);
  useRunLately.setState(useRun.getState(), true);
}

function rest(): void {
  timer = undefined;
  if (useRun.getState() !== useRunLately.getState()) take();
}

useRun.subscribe((now) => {
  if (timer === undefined || isTurn(now, useRunLately.getState())) take();
});
