import { describe, expect, test } from "vitest";
import { NOTHING, type Selection } from "@/document/selection";
import type { FlowDocument } from "@/document/types";
import { movesOfDrag } from "./dragging";
import { lifted, liftedArrows, reselected, sceneOf, type SceneInput } from "./drawn";

const document: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "loop", type: "flow.each", position: { x: 280, y: 0 } },
    { id: "inner", type: "flow.each", position: { x: 40, y: 60 }, parent: "loop" },
    { id: "deep", type: "log", position: { x: 40, y: 60 }, parent: "inner" },
    { id: "log", type: "log", position: { x: 900, y: 0 } },
  ],
  edges: [{ from: "start", to: "loop" }, { from: "loop", to: "log" }],
  notes: [{ id: "said", position: { x: 0, y: 300 }, text: "why" }],
};
const input = (more: Partial<SceneInput> = {}): SceneInput => ({
  document,
  catalogue: new Map(),
  selection: NOTHING,
  folded: new Set(),
  readOnly: false,
  ghosts: new Set(),
  ...more,
});
const layers = (scene: ReturnType<typeof sceneOf>) => Object.fromEntries([...scene.nodes, ...scene.edges].map((each) => [each.id, each.zIndex ?? 0]));
const layer = (more: Partial<SceneInput>, id: string): number => layers(sceneOf(input(more)))[id] ?? NaN;
const selected = (...nodes: string[]): Selection => ({ ...NOTHING, nodes });

describe("what lies over what", () => {
  test("notes, frames by their depth, arrows, cards", () => {
    const told = layers(sceneOf(input()));
    const order = ["said", "loop", "inner", "start:out>loop", "log"].map((id) => told[id] ?? NaN);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(new Set(order).size).toBe(order.length);
    expect(told.deep).toBe(told.log);
  });

  test("what is selected lies over its like, and under all that lies over that", () => {
    expect(layer({ selection: selected("start") }, "start")).toBeGreaterThan(layer({}, "log"));
    expect(layer({ selection: selected("loop") }, "loop")).toBeGreaterThan(layer({}, "loop"));
    expect(layer({ selection: selected("loop") }, "loop")).toBeLessThan(layer({}, "inner"));
  });

  test("a note that stands in a frame lies over it, and under the frames within; a smaller note over a larger one", () => {
    const note = (id: string, width: number, parent: string | null = null) => ({ id, width, parent, position: { x: 0, y: 0 } });
    const scene = sceneOf(input({ document: { ...document, notes: [note("small", 100), note("large", 300), note("in", 100, "loop")] } }));
    const told = layers(scene);
    expect(told.in).toBeGreaterThan(told.loop ?? NaN);
    expect(told.in).toBeLessThan(told.inner ?? NaN);
    const order = scene.nodes.map((node) => node.id);
    expect(order.indexOf("large")).toBeLessThan(order.indexOf("small"));
    expect(told.large).toBe(told.small);
  });

  test("a folded frame is a card among others", () => {
    expect(layer({ folded: new Set(["loop"]) }, "loop")).toBe(layer({}, "log"));
  });

  test("what the hand holds lies over everything, a frame under what stands in it, and a note where it was", () => {
    const scene = sceneOf(input({ selection: selected("log") }));
    const held = Object.fromEntries(scene.nodes.map((node) => [node.id, lifted(node).zIndex ?? 0]));
    const others = Math.max(...scene.nodes.map((node) => node.zIndex ?? 0));
    expect(held.loop).toBeGreaterThan(others);
    expect(held.deep).toBeGreaterThan(held.inner ?? NaN);
    expect(held.said).toBe(0);
    const [first] = scene.nodes.filter((node) => node.id === "log").map(lifted);
    expect(first && lifted(first)).toBe(first);
  });

  test("few arrows of the hand's are pictures of their own; many are not", () => {
    const nodes = Array.from({ length: 60 }, (_, at) => ({ id: `n${at}`, type: "log", position: { x: 0, y: 100 * at } }));
    const edges = nodes.slice(1).map(({ id }) => ({ from: "n0", to: id }));
    const scene = sceneOf(input({ document: { ...document, nodes, edges } }));
    const own = (...led: string[]) => liftedArrows(scene.edges, new Set(led)).filter((edge) => edge.className !== undefined);
    expect(own("n1", "n2").map((edge) => edge.target)).toEqual(["n1", "n2"]);
    expect(own("n0")).toEqual([]);
  });
});

describe("a note", () => {
  const around = { id: "around", position: { x: 880, y: -40 }, width: 280, height: 160 };
  const noteOf = (scene: ReturnType<typeof sceneOf>) => scene.nodes.find((node) => node.type === "note");

  test("that nodes lie on is drawn as their group, and as a note again when they left", () => {
    const scene = sceneOf(input({ document: { ...document, notes: [around] } }));
    expect(noteOf(scene)?.data).toEqual({ note: around, holds: 1 });
    const nodes = document.nodes.map((node) => (node.id === "log" ? { ...node, position: { x: 900, y: 300 } } : node));
    expect(noteOf(sceneOf(input({ document: { ...document, nodes, notes: [around] } }), scene))?.data).toMatchObject({ holds: 0 });
  });

  test("in a folded frame is not seen", () => {
    const notes = [{ ...around, parent: "loop" }];
    expect(noteOf(sceneOf(input({ document: { ...document, notes }, folded: new Set(["loop"]) })))).toBeUndefined();
  });

  test("that is dragged takes along what lies on it, unless it was taken alone", () => {
    const drawing = { ...document, notes: [around] };
    const scene = sceneOf(input({ document: drawing }));
    const dragged = scene.nodes.filter((node) => node.type === "note").map((node) => ({ ...node, position: { x: 980, y: -140 } }));
    expect(movesOfDrag(drawing, scene, dragged, { isAlone: false })).toEqual({ around: { x: 980, y: -140 }, log: { x: 1_000, y: -100 } });
    expect(movesOfDrag(drawing, scene, dragged, { isAlone: true })).toEqual({ around: { x: 980, y: -140 } });
  });
});

describe("another selection", () => {
  test("is drawn as if the whole had been drawn anew", () => {
    const before = sceneOf(input({ selection: { nodes: ["start"], notes: ["said"], edges: ["start:out>loop"] } }));
    const selection: Selection = { nodes: ["log", "loop"], notes: [], edges: ["loop:out>log"] };
    expect(reselected(before, selection)).toEqual(sceneOf(input({ selection })));
  });

  test("leaves what stays as it was the same object", () => {
    const before = sceneOf(input({ selection: selected("start") }));
    const after = reselected(before, selected("start", "log"));
    const same = after.nodes.filter((node) => before.nodes.includes(node)).map((node) => node.id);
    expect(same.sort()).toEqual(["deep", "inner", "loop", "said", "start"]);
  });
});
