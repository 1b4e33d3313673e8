/** The whole journal of the run on the canvas, so that its past can be drawn and walked through. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { runs } from "@/api/calls";
import type { RunEvent } from "@/api/types";
import { beginning, folded } from "@/store/fold";
import { useRun } from "@/store/run";

/** Beyond this a run is too long to be walked through in a browser; its newest part is shown all the same. */
const MOST = 30_000;

async function wholeJournal(run: string): Promise<RunEvent[]> {
  const found: RunEvent[] = [];
  for (;;) {
    const page = await runs.events(run, found.at(-1)?.seq ?? 0);
    found.push(...page.results);
    if (page.next === null || page.results.length === 0 || found.length >= MOST) return found;
  }
}

/** Fetches what came before the live feed began and puts both together in the store. */
export function useJournal(): readonly RunEvent[] {
  const runId = useRun((state) => state.runId);
  const events = useRun((state) => state.events);
  const hasLive = useRun((state) => state.live !== null);
  const isWhole = events[0]?.seq === 1;
  const answer = useQuery({
    queryKey: ["run", runId, "journal"],
    queryFn: () => wholeJournal(runId ?? ""),
    enabled: runId !== null && hasLive && !isWhole,
    gcTime: 0,
    staleTime: 0,
  });
  const past = answer.data;
  useEffect(() => {
    if (past === undefined || past.length === 0) return;
    const { runId: now, live, events: fresh, cursor } = useRun.getState();
    if (now !== runId || live === null || fresh[0]?.seq === 1) return;
    const last = past.at(-1)?.seq ?? 0;
    const all = [...past, ...fresh.filter((event) => event.seq > last)];
    if (all.at(-1)?.seq !== live.seq && (all.at(-1)?.seq ?? 0) < live.seq) return;
    const journal = folded(beginning(live), all);
    useRun.setState({ events: all, journal, live: journal, ...(cursor === null ? { view: journal } : {}) });
  }, [past, runId]);
  return events;
}
