import { describe, expect, test } from "vitest";
import { along, boxOfNote, frameAroundThings, groupOfEach, groupsOf, lyingOn, movesWith } from "./groups";
import { boxesOf } from "./places";
import type { FlowDocument } from "./types";

const at = (x: number, y: number) => ({ position: { x, y } });
const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", ...at(0, 0) },
    { id: "read", type: "log", ...at(300, 0) },
    { id: "loop", type: "flow.for_each", ...at(640, 0) },
    { id: "inner", type: "log", parent: "loop", ...at(640, 0) },
  ],
  edges: [],
  notes: [
    { id: "group", ...at(260, -80), width: 680, height: 240 },
    { id: "part", ...at(280, -40), width: 260, height: 160 },
    { id: "small", ...at(540, -70), width: 60, height: 40 },
    { id: "sticky", ...at(20, 20) },
    { id: "said", parent: "loop", ...at(640, 100), width: 80, height: 20 },
  ],
};
const boxes = boxesOf(flow, (node) => node.type === "flow.for_each");

describe("what lies on a note", () => {
  test("is what stands wholly on it, behind the same wall: containers whole, smaller notes too", () => {
    expect(lyingOn(flow, ["group"], boxes)).toEqual({ nodes: ["read", "loop"], notes: ["part", "small"] });
  });

  test("a card that only touches it does not, and two notes of one size do not lie on each other", () => {
    expect(lyingOn(flow, ["sticky"], boxes)).toEqual({ nodes: [], notes: [] });
    const twins: FlowDocument = { ...flow, notes: [{ id: "one", ...at(0, 0) }, { id: "two", ...at(0, 0) }] };
    expect(lyingOn(twins, ["one"], boxes).notes).toEqual([]);
  });

  test("makes it a group; of each node the innermost is told", () => {
    const groups = groupsOf(flow, boxes);
    expect([...groups]).toEqual([["part", ["read"]], ["group", ["read", "loop"]]]);
    expect([...groupOfEach(groups)]).toEqual([["read", "part"], ["loop", "group"]]);
  });

  test("goes along when it moves, with all that it holds, each by the same way and once", () => {
    expect(along(flow, { nodes: [], notes: ["group"] }, boxes)).toEqual({ nodes: new Set(["read", "loop", "inner"]), notes: new Set(["group", "part", "small", "said"]) });
    expect(movesWith(flow, { nodes: ["read"], notes: ["group"] }, { x: 10, y: -5 }, boxes)).toEqual({
      read: { x: 310, y: -5 }, loop: { x: 650, y: -5 }, inner: { x: 650, y: -5 },
      group: { x: 270, y: -85 }, part: { x: 290, y: -45 }, small: { x: 550, y: -75 }, said: { x: 650, y: 95 },
    });
  });
});

describe("a frame around what is chosen", () => {
  test("holds all of it, and nothing that stands beside", () => {
    const box = frameAroundThings(flow, { nodes: ["start", "read"], notes: ["sticky"] }, boxes);
    if (box === null) throw new Error("there is no frame");
    const { x, y, width, height, parent } = box;
    const framed: FlowDocument = { ...flow, notes: [...(flow.notes ?? []), { id: "new", parent, ...at(x, y), width, height }] };
    expect(lyingOn(framed, ["new"], boxes)).toEqual({ nodes: ["start", "read"], notes: ["part", "sticky"] });
    expect(parent).toBeNull();
  });

  test("stands behind the wall that they share; of nodes behind different walls it holds the containers", () => {
    expect(frameAroundThings(flow, { nodes: ["inner"], notes: [] }, boxes)?.parent).toBe("loop");
    const outer = frameAroundThings(flow, { nodes: ["inner", "start"], notes: [] }, boxes);
    expect(outer?.parent).toBeNull();
    const loop = boxes.get("loop");
    expect((outer?.x ?? 0) + (outer?.width ?? 0)).toBeGreaterThanOrEqual((loop?.x ?? 0) + (loop?.width ?? 0) + 24);
  });

  test("is on the grid, and there is none around nothing", () => {
    const box = frameAroundThings(flow, { nodes: ["read"], notes: [] }, boxes);
    for (const value of [box?.x, box?.y, box?.width, box?.height]) expect(Math.abs((value ?? NaN) % 8)).toBe(0);
    expect(frameAroundThings(flow, { nodes: [], notes: [] }, boxes)).toBeNull();
  });

  test("a note without a size has the usual one", () => {
    expect(boxOfNote({ id: "n", ...at(1, 2) })).toEqual({ x: 1, y: 2, width: 200, height: 120 });
  });
});
