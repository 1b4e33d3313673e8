/** Where boxes go that are aligned, distributed, or dragged past others: pure geometry, in canvas pixels. */
import type { Box } from "./places";
import type { Position } from "./types";

export type Side = "left" | "centre" | "right" | "top" | "middle" | "bottom";
export type Axis = "x" | "y";

type Boxes = ReadonlyMap<string, Box>;

const START: Record<Axis, (box: Box) => number> = { x: (box) => box.x, y: (box) => box.y };
const LENGTH: Record<Axis, (box: Box) => number> = { x: (box) => box.width, y: (box) => box.height };
const end = (box: Box, axis: Axis): number => START[axis](box) + LENGTH[axis](box);

const AXIS: Record<Side, Axis> = { left: "x", centre: "x", right: "x", top: "y", middle: "y", bottom: "y" };
/** Which part of the whole and of each box must meet: its beginning, middle or end. */
const PART: Record<Side, 0 | 0.5 | 1> = { left: 0, centre: 0.5, right: 1, top: 0, middle: 0.5, bottom: 1 };

const along = (axis: Axis, by: number): Position => (axis === "x" ? { x: by, y: 0 } : { x: 0, y: by });

/** How far each box moves so that all meet at one side of what they cover together. */
export function aligned(boxes: Boxes, side: Side): Map<string, Position> {
  const axis = AXIS[side];
  const all = [...boxes.values()];
  const from = Math.min(...all.map(START[axis]));
  const to = Math.max(...all.map((box) => end(box, axis)));
  const part = PART[side];
  const line = from + (to - from) * part;
  return new Map([...boxes].map(([id, box]) => [id, along(axis, Math.round(line - LENGTH[axis](box) * part) - START[axis](box))]));
}

/** How far each box moves so that the gaps between them are alike; the first and the last stay. */
export function distributed(boxes: Boxes, axis: Axis): Map<string, Position> {
  const row = [...boxes].sort(([, a], [, b]) => START[axis](a) - START[axis](b) || end(a, axis) - end(b, axis));
  const [first, last] = [row[0]?.[1], row.at(-1)?.[1]];
  if (first === undefined || last === undefined || row.length < 3) return new Map();
  const filled = row.reduce((sum, [, box]) => sum + LENGTH[axis](box), 0);
  const gap = (end(last, axis) - START[axis](first) - filled) / (row.length - 1);
  let at = START[axis](first);
  return new Map(
    row.map(([id, box], index) => {
      const to = index === row.length - 1 ? START[axis](box) : Math.round(at);
      at += LENGTH[axis](box) + gap;
      return [id, along(axis, to - START[axis](box))];
    }),
  );
}

/** A line that two boxes share: it stands at `at` across the axis and runs from `from` to `to`. */
export interface Guide {
  axis: Axis;
  at: number;
  from: number;
  to: number;
  /** The space between the two along the line; null where they overlap. */
  gap: { from: number; to: number } | null;
}

export interface Guided {
  /** How far what is dragged moves to stand exactly on the lines. */
  by: Position;
  guides: Guide[];
}

export const NOT_GUIDED: Guided = { by: { x: 0, y: 0 }, guides: [] };

/** Lines farther away than this say nothing. */
const FAR = 1_400;

/** The lines nearest to what is dragged, within `reach` pixels: one for each axis at most. */
export function guided(moving: Box, others: Iterable<Box>, reach: number): Guided {
  const near = [...others].filter((box) => distance(moving, box, "x") < FAR && distance(moving, box, "y") < FAR);
  const [x, y] = [nearest(moving, near, "x", reach), nearest(moving, near, "y", reach)];
  const by = { x: x?.by ?? 0, y: y?.by ?? 0 };
  const there = { ...moving, x: moving.x + by.x, y: moving.y + by.y };
  return { by, guides: [...(x ? [guideOf(there, x.box, "x", x.at)] : []), ...(y ? [guideOf(there, y.box, "y", y.at)] : [])] };
}

interface Meeting {
  by: number;
  at: number;
  box: Box;
  apart: number;
}

/** Pairs of lines that may meet: like with like, and side by side. */
const PAIRS: readonly (readonly [number, number])[] = [[0, 0], [0.5, 0.5], [1, 1], [0, 1], [1, 0]];

function nearest(moving: Box, others: readonly Box[], axis: Axis, reach: number): Meeting | null {
  let best: Meeting | null = null;
  const line = (box: Box, part: number): number => START[axis](box) + LENGTH[axis](box) * part;
  for (const box of others) {
    const apart = distance(moving, box, axis === "x" ? "y" : "x");
    for (const [mine, theirs] of PAIRS) {
      const at = line(box, theirs);
      const by = at - line(moving, mine);
      if (Math.abs(by) > reach) continue;
      const isBetter = best === null || Math.abs(by) < Math.abs(best.by) || (Math.abs(by) === Math.abs(best.by) && apart < best.apart);
      if (isBetter) best = { by, at, box, apart };
    }
  }
  return best;
}

/** The space between two boxes along an axis; none where they overlap. */
const distance = (a: Box, b: Box, axis: Axis): number => (axis === "x" ? Math.max(0, b.x - a.x - a.width, a.x - b.x - b.width) : Math.max(0, b.y - a.y - a.height, a.y - b.y - b.height));

function guideOf(moving: Box, other: Box, axis: Axis, at: number): Guide {
  const across = axis === "x" ? "y" : "x";
  const gap = distance(moving, other, across);
  const [first, second] = START[across](moving) < START[across](other) ? [moving, other] : [other, moving];
  return {
    axis,
    at,
    from: Math.min(START[across](moving), START[across](other)),
    to: Math.max(end(moving, across), end(other, across)),
    gap: gap === 0 ? null : { from: end(first, across), to: START[across](second) },
  };
}
