import { useCallback, useEffect, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";
import { DRAWER_TABS, type DrawerTab } from "@/runs/RunsDrawer";
import { useRun } from "@/store/run";

export interface Place {
  run: string | null;
  step: string | null;
  tab: DrawerTab;
  open: boolean;
  height: number;
  side: "inspector" | "versions";
  /** The seq of the event the run is shown after; null for now. */
  at: number | null;
  /** A node to go to; once one is there it is forgotten. */
  node: string | null;
}

type Change = Partial<Record<"run" | "step" | "tab" | "drawer" | "h" | "side" | "at" | "node", string | null>>;

/**
 * Change what the address says beside the page. It is read anew each time, so that two changes of one moment
 * both stand; a page that was left meanwhile is not brought back.
 */
export function changeAddress(page: string, changes: Change): void {
  const { pathname, search } = window.location;
  if (pathname !== page) return;
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) next.delete(name);
    else next.set(name, value);
  }
  const words = next.toString();
  navigate(words === "" ? pathname : `${pathname}?${words}`, { replace: true });
}

const tabOf = (params: URLSearchParams): DrawerTab | undefined => DRAWER_TABS.find((each) => each === params.get("tab"));

/** The tab in which a run is watched that begins now: the one that stands open by now, where that shows one run. */
export function watchingTab(): DrawerTab {
  const tab = tabOf(new URLSearchParams(window.location.search));
  return tab === undefined || tab === "problems" || tab === "runs" ? "timeline" : tab;
}

/** Where one is within the editor, as the address tells it: reload and share show the same. */
export function usePlace(): [Place, (change: Change) => void] {
  const search = useSearch();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const [page] = useLocation();
  const change = useCallback((changes: Change) => changeAddress(page, changes), [page]);
  const tab = tabOf(params);
  const height = Number(params.get("h"));
  const place: Place = {
    run: params.get("run"),
    step: params.get("step"),
    tab: tab ?? "timeline",
    open: params.get("drawer") !== "0" && (tab !== undefined || params.has("run")),
    height: height >= 120 ? height : 260,
    at: Number(params.get("at")) >= 1 ? Math.floor(Number(params.get("at"))) : null,
    side: params.get("side") === "versions" ? "versions" : "inspector",
    node: params.get("node"),
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
        if (state.runId !== before.runId && !isNamed) change(state.runId === null ? { run: null, step: null, at: null } : { run: state.runId, step: null, at: null, drawer: null });
      }),
    [change],
  );
  useEffect(() => {
    const { runId, follow, leave } = useRun.getState();
    if (run !== null && run !== runId) follow(run);
    if (run === null && runId !== null) leave();
  }, [run]);
}

/** No browser takes a new address at every event that is passed over. */
const ADDRESS_EVERY = 250;

/** Keeps the moment that is shown and the one in the address the same: the address says where one begins. */
export function useMomentInAddress(at: number | null, change: (change: Change) => void): void {
  const run = useRun((state) => state.runId);
  const isKnown = useRun((state) => state.live !== null && state.live.seq > 0);
  useEffect(() => {
    if (at === null || !isKnown || useRun.getState().cursor !== null) return;
    useRun.getState().lookAt(at);
    // A moment that is now needs no address.
    if (useRun.getState().cursor === null) change({ at: null });
    // Only a run that has just been opened goes to the moment of the address; from then on the page leads.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [run, isKnown]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = useRun.subscribe((state, before) => {
      if (state.cursor === before.cursor || state.runId !== before.runId) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        const { cursor } = useRun.getState();
        change({ at: cursor === null ? null : String(cursor) });
      }, ADDRESS_EVERY);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [change]);
}
