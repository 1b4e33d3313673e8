import { describe, expect, test } from "vitest";
import { arcOf } from "./arc";

const card = (x: number, y: number) => ({ x, y, width: 220, height: 88 });

/** Places along the line, by the numbers that stand in it. */
function along(line: string): { x: number; y: number }[] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = (line.match(/-?[\d.]+/g) ?? []).map(Number);
  return Array.from({ length: 21 }, (_, at) => at / 20).map((t) => {
    const mixed = (a: number, b: number, c: number, d: number) => (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
    return { x: mixed(x0, x1, x2, x3), y: mixed(y0, y1, y2, y3) };
  });
}

describe("the way from what is read to who reads it", () => {
  test("leads over cards that stand beside each other", () => {
    const { line } = arcOf(card(0, 0), card(600, 0));
    expect(along(line).every(({ y }) => y <= 0)).toBe(true);
  });

  test.each([
    ["below", card(0, 0), card(0, 280)],
    ["above", card(0, 280), card(40, 0)],
  ])("leads around cards of which one stands %s the other, and around what stands between them", (_, from, to) => {
    const { line, tip } = arcOf(from, to);
    const between = card(0, 140);
    const isOn = (box: typeof between, at: { x: number; y: number }) => at.x > box.x && at.x < box.x + box.width && at.y > box.y && at.y < box.y + box.height;
    expect(along(line).filter((at) => isOn(from, at) || isOn(between, at) || isOn(to, at))).toEqual([]);
    expect(tip.startsWith(`M${to.x + to.width + 1} ${to.y + to.height / 2} `)).toBe(true);
  });
});
