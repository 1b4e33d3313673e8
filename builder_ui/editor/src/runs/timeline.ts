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

interface Lane {
  bars: Bar[];
  failed: boolean;
}

export function timelineOf(events: readonly RunEvent[], view: RunView): Timeline {
  const begun = events.find((event) => event.kind === "run_started");
  const start = new Date(begun?.at ?? view.startedAt ?? view.createdAt).getTime();
  const lanes = new Map<string, Lane>();
  for (const event of events) {
    const key = event.step ?? (event.kind === "run_started" && typeof event.data.trigger === "string" ? event.data.trigger : null);
    if (key === null) continue;
    const lane = lanes.get(key) ?? { bars: [], failed: false };
    lanes.set(key, lane);
    drawn(lane, event, new Date(event.at).getTime() - start);
  }
  const end = view.finishedAt === null ? null : new Date(view.finishedAt).getTime() - start;
  return { rows: rowsOf(lanes, end), start, length: end };
}

function drawn(lane: Lane, event: RunEvent, at: number): void {
  const open = lane.bars.at(-1)?.to === null ? lane.bars.at(-1) : undefined;
  const close = (kind?: BarKind): void => {
    if (open === undefined) return;
    open.to = at;
    if (kind !== undefined && open.kind !== "wait") open.kind = kind;
  };
  if (event.kind === "run_started") lane.bars.push({ from: 0, to: at, kind: "ok" });
  else if (event.kind === "step_started") {
    close();
    lane.bars.push({ from: at, to: null, kind: "run" });
  } else if (event.kind === "step_retrying") {
    close("bad");
    lane.bars.push({ from: at, to: null, kind: "wait" });
  } else if (WAITS.has(event.kind)) {
    close("ok");
    lane.bars.push({ from: at, to: null, kind: "wait" });
  } else {
    const kind = ENDS[event.kind];
    if (kind !== undefined) close(kind);
    if (event.kind === "step_failed") lane.failed = true;
  }
}

/** One row per node, in the order in which they began. Many steps of one node are one band. */
function rowsOf(lanes: ReadonlyMap<string, Lane>, end: number | null): Row[] {
  const rows = new Map<string, { keys: string[]; bars: Bar[]; failed: string | null }>();
  for (const [key, lane] of lanes) {
    if (lane.bars.length === 0) continue;
    const node = nodeOfKey(key);
    const row = rows.get(node) ?? { keys: [], bars: [], failed: null };
    rows.set(node, row);
    row.keys.push(key);
    row.bars.push(...lane.bars);
    if (lane.failed) row.failed ??= key;
  }
  return [...rows]
    .map(([node, { keys, bars, failed }]) => {
      const whole = bars.map((bar) => (bar.to === null && end !== null ? { ...bar, to: Math.max(end, bar.from) } : bar));
      return { node, count: countOf(keys), key: failed ?? keys[0] ?? node, bars: whole.length > MOST_BARS ? banded(whole) : whole };
    })
    .sort((a, b) => (a.bars[0]?.from ?? 0) - (b.bars[0]?.from ?? 0));
}

function countOf(keys: readonly string[]): number {
  const holders = new Set(keys.filter((key) => key.endsWith("]")).map((key) => key.slice(0, key.lastIndexOf("["))));
  return keys.filter((key) => !holders.has(key)).length;
}

/** Very many bars as a few: neighbours of one kind run together. */
function banded(bars: readonly Bar[]): Bar[] {
  const sorted = [...bars].sort((a, b) => a.from - b.from);
  const found: Bar[] = [];
  for (const bar of sorted) {
    const last = found.at(-1);
    if (last !== undefined && last.kind === bar.kind && last.to !== null && bar.from <= last.to + 1) {
      last.to = bar.to === null ? null : Math.max(last.to, bar.to);
    } else found.push({ ...bar });
  }
  if (found.length <= MOST_BARS) return found;
  const first = found[0];
  const isOpen = found.some((bar) => bar.to === null);
  const kinds = new Set(found.map((bar) => bar.kind));
  const kind: BarKind = kinds.has("bad") ? "bad" : kinds.has("run") ? "run" : kinds.has("ok") ? "ok" : "wait";
  return first === undefined ? [] : [{ from: first.from, to: isOpen ? null : Math.max(...found.map((bar) => bar.to ?? 0)), kind }];
}

const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];

/** Round places for the marks of the axis: at most `most` of them. */
export function ticksOf(length: number, most: number): number[] {
  const step = NICE.find((each) => length / each <= most) ?? Math.ceil(length / most / 86_400_000) * 86_400_000;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step);
}

/** The last event at or before a moment; null before the first. */
export function seqAt(events: readonly RunEvent[], start: number, moment: number): number | null {
  let found: number | null = null;
  for (const event of events) {
    if (new Date(event.at).getTime() - start > moment) break;
    found = event.seq;
  }
  return found;
}
