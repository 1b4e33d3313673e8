/**
 * A run's past: any moment of it from the nearest point that is known, with the pages of the journal between.
 *
 * It decides what is fetched and what is let go, so that a run of any length costs the same; it refuses to know
 * who looks. Loaded when somebody does.
 */
import { past, type Moment } from "@/api/past";
import type { RunEvent } from "@/api/types";
import { beginning, folded, viewOfMoment, type RunView } from "./fold";

/** Events per page. */
export const PAGE = 500;
/** Pages and points that are kept; those that were not looked at for longest go first. */
const PAGES = 12;
const POINTS = 24;
/** How many events are folded to come from a known point to a moment; beyond it the server is asked for a nearer one. */
const REACH = 2_000;

export interface Past {
  /** The run after the event `seq`. */
  at: (seq: number) => Promise<RunView>;
  /** The events of the page that the event `seq` stands in. */
  around: (seq: number) => Promise<readonly RunEvent[]>;
}

export interface Journal {
  events: (after: number, limit: number) => Promise<readonly RunEvent[]>;
  moment: (seq: number) => Promise<Moment>;
}

export const journalOf = (run: string): Journal => ({
  events: async (after, limit) => (await past.brief(run, after, limit)).results,
  moment: (seq) => past.moment(run, seq),
});

/** A map that keeps only what was used last. */
function kept<V>(most: number): { get: (key: number) => V | undefined; set: (key: number, value: V) => void; keys: () => number[] } {
  const found = new Map<number, V>();
  const set = (key: number, value: V): void => {
    found.delete(key);
    found.set(key, value);
    if (found.size > most) found.delete(found.keys().next().value as number);
  };
  return {
    get: (key) => {
      const value = found.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    keys: () => [...found.keys()],
  };
}

/** The past of the run of this view, which may go on meanwhile. */
export function pastOf(run: RunView, journal: Journal): Past {
  const origin = beginning(run);
  const pages = kept<readonly RunEvent[]>(PAGES);
  const points = kept<RunView>(POINTS);

  const page = async (index: number, needs: number): Promise<readonly RunEvent[]> => {
    const known = pages.get(index);
    // The last page grows while the run goes on.
    if (known !== undefined && (known.at(-1)?.seq ?? 0) >= needs) return known;
    const fresh = await journal.events(index * PAGE, PAGE);
    pages.set(index, fresh);
    return fresh;
  };

  const nearest = (seq: number): RunView => {
    const below = points.keys().filter((each) => each <= seq);
    return (below.length > 0 ? points.get(Math.max(...below)) : undefined) ?? origin;
  };

  const at = async (seq: number): Promise<RunView> => {
    let view = nearest(seq);
    if (seq - view.seq > REACH) {
      const point = Math.floor(seq / PAGE) * PAGE;
      view = viewOfMoment(run, await journal.moment(point));
      points.set(view.seq, view);
    }
    for (let index = Math.floor(view.seq / PAGE); view.seq < seq; index += 1) {
      const end = Math.min(seq, (index + 1) * PAGE);
      const events = await page(index, end);
      view = folded(view, events.filter((event) => event.seq <= seq));
      if (view.seq < end) return view;
      if (end % PAGE === 0) points.set(end, view);
    }
    return view;
  };

  return { at, around: (seq) => page(Math.floor((seq - 1) / PAGE), seq) };
}
