/** The lanes of the run on the canvas: its journal read page by page, and then as it is told live. None of it is kept. */
import { useEffect, useRef, useState } from "react";
import { past } from "@/api/past";
import { ApiError } from "@/api/client";
import { useRunLately } from "@/store/lately";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { lay, noLanes, type Lanes } from "./timeline";

const PAGE = 5_000;

/** What is new for the lanes, from the events at hand or else from the server; whether there was any. */
async function more(run: string, lanes: Lanes): Promise<boolean> {
  const { events } = useRun.getState();
  const first = events[0]?.seq ?? Infinity;
  const at = first <= lanes.seq + 1 ? events.slice(lanes.seq + 1 - first) : (await past.brief(run, lanes.seq, PAGE)).results;
  lay(lanes, at);
  return at.length > 0;
}

/** `turn` grows whenever something was laid. */
export function useLanes(): { lanes: Lanes; turn: number } {
  const run = useRunLately((state) => state.runId);
  const seq = useRunLately((state) => state.live?.seq ?? 0);
  const held = useRef<{ run: string | null; lanes: Lanes; isBusy: boolean }>({ run: null, lanes: noLanes(), isBusy: false });
  const [shown, show] = useState<{ lanes: Lanes; turn: number }>(() => ({ lanes: noLanes(), turn: 0 }));
  useEffect(() => {
    if (held.current.run !== run) held.current = { run, lanes: noLanes(), isBusy: false };
    const mine = held.current;
    if (run === null || mine.isBusy || mine.lanes.seq >= seq) return;
    mine.isBusy = true;
    const read = async (): Promise<void> => {
      while (held.current === mine && mine.lanes.seq < (useRun.getState().live?.seq ?? 0)) {
        if (!(await more(run, mine.lanes))) break;
        if (held.current === mine) show(({ turn }) => ({ lanes: mine.lanes, turn: turn + 1 }));
      }
    };
    read()
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        useView.getState().fail(error);
      })
      .finally(() => (mine.isBusy = false));
  }, [run, seq]);
  return shown;
}
