import { useCallback, useEffect } from "react";
import { useSearchParams } from "wouter";
import { DRAWER_TABS, type DrawerTab } from "@/runs/RunsDrawer";
import { useRun } from "@/store/run";

export interface Place {
  run: string | null;
  step: string | null;
  tab: DrawerTab;
  open: boolean;
  height: number;
  side: "inspector" | "versions";
}

type Change = Partial<Record<"run" | "step" | "tab" | "drawer" | "h" | "side", string | null>>;

/** Where one is within the editor, as the address tells it: reload and share show the same. */
export function usePlace(): [Place, (change: Change) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (changes: Change) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === undefined) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  const tab = DRAWER_TABS.find((each) => each === params.get("tab"));
  const height = Number(params.get("h"));
  const place: Place = {
    run: params.get("run"),
    step: params.get("step"),
    tab: tab ?? "timeline",
    open: params.get("drawer") !== "0" && (tab !== undefined || params.has("run")),
    height: height >= 120 ? height : 260,
    side: params.get("side") === "versions" ? "versions" : "inspector",
  };
  return [place, change];
}

/** Keeps the run on the canvas and the run in the address the same, whichever changed. */
export function useRunInAddress(run: string | null, change: (change: Change) => void): void {
  useEffect(
    () =>
      useRun.subscribe((state, before) => {
        // A run that the address named itself leaves the step open that stands beside it.
        const isNamed = state.runId !== null && new URLSearchParams(window.location.search).get("run") === state.runId;
        if (state.runId !== before.runId && !isNamed) change(state.runId === null ? { run: null, step: null } : { run: state.runId, step: null, drawer: null });
      }),
    [change],
  );
  useEffect(() => {
    const { runId, follow, leave } = useRun.getState();
    if (run !== null && run !== runId) follow(run);
    if (run === null && runId !== null) leave();
  }, [run]);
}
