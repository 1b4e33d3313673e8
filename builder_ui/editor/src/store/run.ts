/** The run that is shown: its events, its state now, and the moment people look at. */
import { create } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { followRun, type Feed, type FeedState } from "@/api/feed";
import type { Run, RunEvent } from "@/api/types";
import { beginning, folded, viewOf, type RunView } from "./fold";

export interface RunState {
  runId: string | null;
  /** The run at the moment that is shown: now, or `cursor`. */
  view: RunView | null;
  /** The run now. */
  live: RunView | null;
  /** The newest events that were told while it was followed; never all of a long run. */
  events: readonly RunEvent[];
  /** The fold of the whole journal, where it was told from its beginning. */
  journal: RunView | null;
  /** The seq that is shown, null for now. */
  cursor: number | null;
  /** The event that the moment shown comes after; null for now, and until it is known. */
  moment: RunEvent | null;
  connection: FeedState;
  /** When a lost line is tried again, in milliseconds since the epoch. */
  retryAt: number | null;
  /** The step that is opened. */
  stepKey: string | null;
  /** Whether a run was asked for that is not known yet. */
  isStarting: boolean;

  /** Show a run and follow it. */
  follow: (id: string) => void;
  leave: () => void;
  /** Try a lost line at once. */
  reconnect: () => void;
  /** Show the run as it was after the event `seq`; null for now. */
  lookAt: (seq: number | null) => void;
  openStep: (key: string | null) => void;
}

/** The moment that is shown, in milliseconds since the epoch; null for now. */
export const momentOf = ({ moment }: Pick<RunState, "moment">): number | null => (moment === null ? null : Date.parse(moment.at));

/** How many events are kept: more than anything shows at once. */
const NEWEST = 5_000;

const nothing = { runId: null, view: null, live: null, journal: null, events: [], cursor: null, moment: null, connection: "closed" as FeedState, retryAt: null, stepKey: null, isStarting: false };

let feed: Feed | null = null;

export const useRun = create<RunState>()((set, get) => {
  const onSnapshot = (id: string) => (run: Run, seq: number, isReset: boolean) => {
    if (get().runId !== id) return;
    const { cursor, view, journal } = get();
    if (isReset) {
      const live = viewOf(run, seq);
      set({ live, view: cursor === null ? live : view, journal: null, events: [] });
      return;
    }
    // The journal told more than a snapshot does, and what it hasn't told yet follows this snapshot at once.
    const live = journal ?? viewOf(run, seq);
    set({ live, view: cursor === null ? live : view });
  };

  const onEvents = (id: string) => (fresh: RunEvent[]) => {
    const { runId, live, events, cursor, journal } = get();
    if (runId !== id || live === null) return;
    const all = events.length > 2 * NEWEST ? events.slice(-NEWEST).concat(fresh) : events.concat(fresh);
    // With the whole journal told its fold says more than a snapshot does: ports, items, due times.
    const told = journal !== null || fresh[0]?.seq === 1 ? folded(journal ?? beginning(live), fresh) : null;
    const next = told !== null && told.seq >= live.seq ? told : folded(live, fresh);
    set({ events: all, journal: told, live: next, ...(cursor === null ? { view: next } : {}) });
  };

  return {
    ...nothing,
    follow: (id) => {
      if (get().runId === id) return;
      feed?.close();
      set({ ...nothing, runId: id });
      feed = followRun(id, {
        onSnapshot: onSnapshot(id),
        onEvents: onEvents(id),
        onState: (connection, retryAt) => {
          if (get().runId === id) set({ connection, retryAt });
        },
      });
    },
    reconnect: () => feed?.retry(),
    leave: () => {
      feed?.close();
      feed = null;
      set(nothing);
    },
    lookAt: (seq) => {
      const { live } = get();
      if (live === null) return;
      // After the last event the run stands as it stands now.
      if (seq === null || seq >= live.seq) set({ cursor: null, moment: null, view: live });
      else {
        set({ cursor: Math.max(1, Math.round(seq)) });
        void import("./looking").then(({ look }) => look());
      }
    },
    openStep: (stepKey) => set({ stepKey }),
  };
});

/** What a run is and how it goes as a whole; none of what changes with every event of it. */
export type RunHead = Omit<RunView, "steps" | "ended" | "seq">;

function headOf(run: RunView): RunHead {
  const { steps: _steps, ended: _ended, seq: _seq, ...head } = run;
  return head;
}

/** The run now as a whole: whoever shows no steps isn't drawn again by each of them. */
export const useRunHead = (): RunHead | null => useRun(useShallow(({ live }) => (live === null ? null : headOf(live))));
