/** A run's journal as bars on a line of time: what ran, what waited, and how each try ended. Pure. */
import type { RunEvent } from "@/api/types";
import { nodeOfKey, type RunView } from "@/store/fold";

export type BarKind = "run" | "ok" | "bad" | "wait" | "skip";

export interface Bar {
  /** Milliseconds since the run began. */
  from: number;
  /** Null while it goes on. */
  to: number | null;
  kind: BarKind;
}

export interface Row {
  node: string;
  /** How many steps stand in this row; one that only holds its items is none of them. */
  count: number;
  /** The step to open: the only one, or the one that failed, else the first. */
  key: string;
  bars: Bar[];
}

export interface Timeline {
  rows: Row[];
  /** The instant of its beginning, in milliseconds since the epoch. */
  start: number;
  /** Null while the run goes on. */
  length: number | null;
}

const ENDS: Partial<Record<string, BarKind>> = {
  step_succeeded: "ok",
  step_failed: "bad",
  step_uncertain: "wait",
  step_cancelled: "skip",
  step_compensated: "ok",
  attempt_lost: "skip",
};
const WAITS = new Set(["timer_set", "step_waiting", "step_held"]);
const MOST_BARS = 60;

interface Gathered {
  keys: Set<string>;
  first: string;
  failed: string | null;
  /** The bars of steps that haven't ended, by key. */
  open: Map<string, Bar[]>;
  closed: Bar[];
  /** The row as it was made last, as long as nothing was laid upon it, and the end it was made for. */
  made: { row: Row | null; end: number | null } | null;
}

/** What is gathered of a journal while it is read; grown in place, for a journal may be very long. */
export interface Lanes {
  /** The seq of the last event that was laid. */
  seq: number;
  start: number | null;
  rows: Map<string, Gathered>;
  clock: Clock;
}

/** Which event came when: of a long journal every second, fourth, eighth … event. */
interface Clock {
  every: number;
  marks: { seq: number; at: number }[];
}

const MOST_MARKS = 4_096;
const MOST_CLOSED = 600;

export const noLanes = (): Lanes => ({ seq: 0, start: null, rows: new Map(), clock: { every: 1, marks: [] } });

/** Lay more events of the journal, in order; those that lie there already are passed over. */
export function lay(lanes: Lanes, events: readonly RunEvent[]): void {
  for (const event of events) {
    if (event.seq <= lanes.seq) continue;
    lanes.seq = event.seq;
    const instant = Date.parse(event.at);
    lanes.start ??= instant;
    const at = instant - lanes.start;
    told(lanes.clock, event.seq, at);
    const key = event.step ?? (event.kind === "run_started" && typeof event.data.trigger === "string" ? event.data.trigger : null);
    if (key !== null) drawn(rowFor(lanes, key), key, event, at);
  }
}

function told(clock: Clock, seq: number, at: number): void {
  if (seq % clock.every !== 0) return;
  clock.marks.push({ seq, at });
  if (clock.marks.length <= MOST_MARKS) return;
  clock.every *= 2;
  clock.marks = clock.marks.filter((mark) => mark.seq % clock.every === 0);
}

function rowFor(lanes: Lanes, key: string): Gathered {
  const node = nodeOfKey(key);
  const row = lanes.rows.get(node) ?? { keys: new Set(), first: key, failed: null, open: new Map(), closed: [], made: null };
  lanes.rows.set(node, row);
  return row;
}

function drawn(row: Gathered, key: string, event: RunEvent, at: number): void {
  row.made = null;
  const bars = row.open.get(key) ?? [];
  const open = bars.at(-1)?.to === null ? bars.at(-1) : undefined;
  const close = (kind?: BarKind): void => {
    if (open === undefined) return;
    open.to = at;
    if (kind !== undefined && open.kind !== "wait") open.kind = kind;
  };
  const begin = (bar: Bar): void => {
    row.keys.add(key);
    row.open.set(key, [...bars, bar]);
  };
  if (event.kind === "run_started") {
    begin({ from: 0, to: at, kind: "ok" });
    settle(row, key);
  } else if (event.kind === "step_started") {
    close();
    begin({ from: at, to: null, kind: "run" });
  } else if (event.kind === "step_retrying") {
    close("bad");
    begin({ from: at, to: null, kind: "wait" });
  } else if (WAITS.has(event.kind)) {
    close("ok");
    begin({ from: at, to: null, kind: "wait" });
  } else {
    const kind = ENDS[event.kind];
    if (kind === undefined) return;
    close(kind);
    if (event.kind === "step_failed") row.failed ??= key;
    settle(row, key);
  }
}

/** The bars of a step that has ended need its key no more, and very many of them become a few. */
function settle(row: Gathered, key: string): void {
  row.closed.push(...(row.open.get(key) ?? []));
  row.open.delete(key);
  if (row.closed.length > MOST_CLOSED) row.closed = banded(row.closed);
}

/** The line of time of what has been laid. A row upon which nothing was laid since is the same object as before. */
export function timelineFrom(lanes: Lanes, view: RunView): Timeline {
  const start = lanes.start ?? Date.parse(view.startedAt ?? view.createdAt);
  const end = view.finishedAt === null ? null : Date.parse(view.finishedAt) - start;
  const rows = [...lanes.rows].flatMap(([node, gathered]): Row[] => {
    // Only what is still open knows of the end.
    const until = gathered.open.size === 0 ? null : end;
    if (gathered.made?.end !== until) gathered.made = { row: rowOf(node, gathered, until), end: until };
    return gathered.made.row === null ? [] : [gathered.made.row];
  });
  return { rows: rows.sort((a, b) => (a.bars[0]?.from ?? 0) - (b.bars[0]?.from ?? 0)), start, length: end };
}

function rowOf(node: string, { keys, first, failed, open, closed }: Gathered, end: number | null): Row | null {
  const going = [...open.values()].flat().map((bar) => ({ ...bar, to: bar.to === null && end !== null ? Math.max(end, bar.from) : bar.to }));
  const bars = [...closed, ...going];
  return bars.length === 0 ? null : { node, count: countOf(keys), key: failed ?? first, bars: bars.length > MOST_BARS ? banded(bars) : bars };
}

/** The line of time of a journal that is at hand. */
export function timelineOf(events: readonly RunEvent[], view: RunView): Timeline {
  const lanes = noLanes();
  lay(lanes, events);
  return timelineFrom(lanes, view);
}

function countOf(keys: ReadonlySet<string>): number {
  let holders = 0;
  const seen = new Set<string>();
  for (const key of keys) {
    const holder = key.endsWith("]") ? key.slice(0, key.lastIndexOf("[")) : null;
    if (holder === null || seen.has(holder)) continue;
    seen.add(holder);
    if (keys.has(holder)) holders += 1;
  }
  return keys.size - holders;
}

const WORST: readonly BarKind[] = ["bad", "run", "ok", "wait", "skip"];
const worse = (a: BarKind, b: BarKind): BarKind => (WORST.indexOf(a) <= WORST.indexOf(b) ? a : b);

/** Very many bars as a few: neighbours of one kind run together, then those with the least between them. */
function banded(bars: readonly Bar[]): Bar[] {
  const found: Bar[] = [];
  for (const bar of [...bars].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && last.kind === bar.kind && last.to !== null && bar.from <= last.to + 1) last.to = later(last.to, bar.to);
    else found.push({ ...bar });
  }
  if (found.length <= MOST_BARS) return found;
  const gaps = found.slice(1).map((bar, at) => bar.from - (found[at]?.to ?? bar.from));
  const least = [...gaps].sort((a, b) => a - b)[found.length - MOST_BARS] ?? 0;
  const few: Bar[] = [];
  let merges = found.length - MOST_BARS + 1;
  found.forEach((bar, at) => {
    const last = few.at(-1);
    if (last !== undefined && merges > 0 && (gaps[at - 1] ?? 0) <= least) {
      merges -= 1;
      last.to = later(last.to, bar.to);
      last.kind = worse(last.kind, bar.kind);
    } else few.push({ ...bar });
  });
  return few;
}

const later = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : Math.max(a, b));

const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];

/** How long the axis is while the run goes on: it grows in strides, so that what lies on it stays where it is between them. */
export function scaleOf(elapsed: number): number {
  let scale = 1_000;
  while (scale < elapsed) scale *= STRIDE;
  return Math.round(scale);
}

const STRIDE = 1.25;

/** Round places for the marks of the axis: at most `most` of them. */
export function ticksOf(length: number, most: number): number[] {
  const step = NICE.find((each) => length / each <= most) ?? Math.ceil(length / most / 86_400_000) * 86_400_000;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step);
}

/** The last event at or before a moment; null before the first. Of a long journal it is near by a few events. */
export function seqAt({ clock, seq }: Lanes, moment: number): number | null {
  const { marks } = clock;
  const next = marks.findIndex(({ at }) => at > moment);
  if (next === 0) return null;
  const before = marks.at(next === -1 ? -1 : next - 1);
  if (before === undefined) return null;
  if (clock.every === 1) return before.seq;
  const after = next === -1 ? undefined : marks[next];
  if (after === undefined) return seq;
  return before.seq + Math.floor(((moment - before.at) / Math.max(1, after.at - before.at)) * (after.seq - before.seq));
}
