import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aligned, distributed, guided } from "./align";
import type { Box } from "./places";

const box = (x: number, y: number, width = 220, height = 88): Box => ({ x, y, width, height });
const three = new Map([["a", box(0, 0)], ["b", box(300, 40, 300, 164)], ["c", box(900, 200)]]);
const moved = (boxes: ReadonlyMap<string, Box>, by: ReadonlyMap<string, { x: number; y: number }>): Box[] =>
  [...boxes].map(([id, each]) => ({ ...each, x: each.x + (by.get(id)?.x ?? 0), y: each.y + (by.get(id)?.y ?? 0) }));

describe("aligning", () => {
  test.each([
    ["left", (each: Box) => each.x, 0],
    ["right", (each: Box) => each.x + each.width, 1_120],
    ["centre", (each: Box) => each.x + each.width / 2, 560],
    ["top", (each: Box) => each.y, 0],
    ["bottom", (each: Box) => each.y + each.height, 288],
    ["middle", (each: Box) => each.y + each.height / 2, 144],
  ] as const)("%s: all meet there", (side, line, at) => {
    expect(moved(three, aligned(three, side)).map(line)).toEqual([at, at, at]);
  });

  test("moves along one axis alone", () => {
    expect([...aligned(three, "left").values()].every(({ y }) => y === 0)).toBe(true);
  });
});

describe("distributing", () => {
  test("makes the gaps alike; the first and the last stay", () => {
    const after = moved(three, distributed(three, "x"));
    expect(after.map((each) => each.x)).toEqual([0, 410, 900]);
    expect(410 - 220).toBe(900 - 710);
  });

  test("two have only one gap", () => {
    expect(distributed(new Map([...three].slice(0, 2)), "x").size).toBe(0);
  });

  test("keeps the order and the ends of any row", () => {
    const rows = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 8 }).map((places) => new Map(places.map((at, index) => [`n${index}`, box(at * 240, 0)])));
    fc.assert(
      fc.property(rows, (row) => {
        const before = [...row.values()].map((each) => each.x);
        const after = moved(row, distributed(row, "x")).map((each) => each.x);
        const order = (xs: number[]): number[] => xs.map((_, index) => index).sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0));
        expect(order(after)).toEqual(order(before));
        expect([Math.min(...after), Math.max(...after)]).toEqual([Math.min(...before), Math.max(...before)]);
        const sorted = [...after].sort((a, b) => a - b);
        const gaps = sorted.slice(1).map((x, index) => x - (sorted[index] ?? 0));
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("guides", () => {
  test("draw the line of the nearest neighbour and take what is dragged onto it", () => {
    const { by, guides } = guided(box(303, 200), [box(300, 0), box(1_000, 203)], 4);
    expect(by).toEqual({ x: -3, y: 3 });
    expect(guides).toEqual([
      { axis: "x", at: 300, from: 0, to: 291, gap: { from: 88, to: 203 } },
      { axis: "y", at: 203, from: 300, to: 1_220, gap: { from: 520, to: 1_000 } },
    ]);
  });

  test("meet centres of boxes of different sizes", () => {
    expect(guided(box(42, 300), [box(0, 0, 300, 164)], 4)).toMatchObject({ by: { x: -2 }, guides: [{ axis: "x", at: 150 }] });
  });

  test("of two lines as near, the nearer box has it", () => {
    expect(guided(box(300, 400), [box(300, 0), box(300, 200)], 4).guides[0]?.gap).toEqual({ from: 288, to: 400 });
  });

  test("nothing near, nothing drawn", () => {
    expect(guided(box(37, 500), [box(0, 0, 100, 30)], 4)).toEqual({ by: { x: 0, y: 0 }, guides: [] });
  });
});
