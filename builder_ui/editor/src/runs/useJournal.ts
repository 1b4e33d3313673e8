/** What came before the live feed began, of the run on the canvas: every step of it, and the newest lines of its journal. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { past } from "@/api/past";
import type { RunEvent } from "@/api/types";
import { beginning, folded, viewOfMoment, type RunView } from "@/store/fold";
import { useRunLately } from "@/store/lately";
import { useRun } from "@/store/run";

/** Beyond this a run's steps are not told one by one: those under way are, and how many ended before. */
const MOST = 20_000;
const PAGE = 5_000;
/** How many of the newest events are shown as lines. */
const LINES = 2_000;

async function wholeOf(run: RunView): Promise<RunView> {
  if (run.seq > MOST) return viewOfMoment(run, await past.moment(run.id, run.seq));
  let view = beginning(run);
  for (;;) {
    const { results } = await past.brief(run.id, view.seq, PAGE);
    view = folded(view, results);
    if (results.length < PAGE) return view;
  }
}

/** Every step of the run, where only those at its top were told. */
export function useWhole(): void {
  const runId = useRun((state) => state.runId);
  const isMissing = useRun((state) => state.live !== null && state.journal === null && state.live.seq > 0);
  const answer = useQuery({
    queryKey: ["run", runId, "whole"],
    queryFn: () => {
      const { live } = useRun.getState();
      return live === null ? null : wholeOf(live);
    },
    enabled: runId !== null && isMissing,
    gcTime: 0,
    staleTime: Infinity,
  });
  const whole = answer.data;
  useEffect(() => {
    const { runId: now, live, journal, events, cursor } = useRun.getState();
    if (whole == null || now !== whole.id || live === null || journal !== null) return;
    const next = folded(whole, events);
    if (next.seq >= live.seq) useRun.setState({ journal: next, live: next, ...(cursor === null ? { view: next } : {}) });
  }, [whole, isMissing]);
}

/** The newest events of the run, with their values. */
export function useJournal() {
  const runId = useRunLately((state) => state.runId);
  const events = useRunLately((state) => state.events);
  const hasLive = useRunLately((state) => state.live !== null && state.live.seq > 0);
  const isEnough = events[0]?.seq === 1 || events.length >= LINES;
  const answer = useQuery({
    queryKey: ["run", runId, "newest"],
    queryFn: async () => (await past.events(runId ?? "", Math.max(0, (useRun.getState().live?.seq ?? 0) - LINES), LINES)).results,
    enabled: runId !== null && hasLive && !isEnough,
    gcTime: 0,
    staleTime: Infinity,
  });
  const before = answer.data;
  const told: readonly RunEvent[] = useMemo(() => {
    const first = events[0]?.seq ?? Infinity;
    return before === undefined || isEnough ? events : [...before.filter(({ seq }) => seq < first), ...events];
  }, [before, events, isEnough]);
  return { told, asked: answer };
}
