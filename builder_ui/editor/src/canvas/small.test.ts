import { describe, expect, test, vi } from "vitest";
import type { DrawnNode } from "./drawn";
import type { NoteColor } from "@/document/types";
import { colorOf, colorsOf, draw, extentOf, insideOf, SIZE } from "./small";

const node = (x: number, y: number): DrawnNode => ({ id: `${x}/${y}`, type: "note", position: { x, y }, width: 200, height: 100, data: { note: { id: "n", position: { x, y } }, holds: 0 } });

describe("the flow in small", () => {
  test("all of it stands in the middle, with room around", () => {
    const extent = extentOf([node(0, 0), node(1_800, 0)]);
    if (extent === null) throw new Error("nothing is painted");
    expect((1_000 - extent.x) * extent.scale).toBeCloseTo(SIZE.width / 2);
    expect((50 - extent.y) * extent.scale).toBeCloseTo(SIZE.height / 2);
    expect((0 - extent.x) * extent.scale).toBeCloseTo(8);
    expect(extentOf([])).toBeNull();
  });

  test("a note has its own colour", () => {
    const blue = (color?: NoteColor): DrawnNode => ({ ...node(0, 0), type: "note", data: { note: { id: "n", position: { x: 0, y: 0 }, ...(color && { color }) }, holds: 2 } });
    expect([colorOf(blue("blue"), null), colorOf(blue(), null)]).toEqual(["note-blue", "note-yellow"]);
  });

  test("painted again it asks the page for no colour a second time, and nothing of what was painted is left", () => {
    const asked = vi.spyOn(CSSStyleDeclaration.prototype, "getPropertyValue");
    const done: string[] = [];
    const context = {
      set fillStyle(_: string) {
        done.push("color");
      },
      globalAlpha: 1,
      setTransform: () => undefined,
      clearRect: () => done.push("cleared"),
      beginPath: () => undefined,
      roundRect: () => undefined,
      fill: () => done.push("filled"),
    };
    const sheet = Object.assign(document.createElement("canvas"), { getContext: () => context }) as unknown as HTMLCanvasElement;
    const colors = colorsOf(sheet);
    const nodes = [node(0, 0), node(300, 0)];
    draw(sheet, nodes, null, extentOf(nodes), colors);
    const before = asked.mock.calls.length;
    draw(sheet, nodes, null, extentOf(nodes), colors);
    expect([before, asked.mock.calls.length]).toEqual([1, 1]);
    expect(done.filter((what) => what !== "color")).toEqual(["cleared", "filled", "filled", "cleared", "filled", "filled"]);
    asked.mockRestore();
  });

  test("the window that is seen is as large as what it shows, and some of it is always there", () => {
    const extent = { x: 0, y: 0, scale: 0.1 };
    expect(insideOf(extent, { x: 0, y: 0, zoom: 1 }, 800, 600)).toEqual({ x: 0, y: 0, w: 80, h: 60 });
    expect(insideOf(extent, { x: -200, y: -100, zoom: 0.5 }, 800, 600)).toEqual({ x: 40, y: 20, w: 160, h: 120 });
    expect(insideOf(extent, { x: -9e6, y: 9e6, zoom: 1 }, 800, 600)).toMatchObject({ x: SIZE.width - 6, y: -54 });
  });
});
