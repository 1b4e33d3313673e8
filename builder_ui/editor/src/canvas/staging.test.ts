import { describe, expect, test } from "vitest";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { castOf, nextStanding, nextTurned, partOf, PARTS, type Look } from "./staging";

const WIDE = 40;
const card = (at: number): DrawnNode => ({
  id: `n${at}`,
  type: "card",
  position: { x: 280 * (at % WIDE), y: 128 * Math.floor(at / WIDE) },
  width: 220,
  height: 88,
  data: { node: { id: `n${at}`, type: "log" }, ports: { hasEntry: true, isUndo: false, outgoing: ["out"], canUndo: true, hasUndo: false } },
});
const arrow = (from: number, to: number): DrawnEdge => ({ id: `n${from}>n${to}`, type: "arrow", source: `n${from}`, target: `n${to}`, data: { edge: { from: `n${from}`, to: `n${to}` } } });
const many = Array.from({ length: 1_000 }, (_, at) => card(at));
const at = (x: number, y: number): Look => ({ view: { x, y, width: 1_400, height: 640 }, isFar: false });
const isSeen = ({ position: { x, y } }: DrawnNode, { view }: Look): boolean =>
  x < view.x + view.width && x + 220 > view.x && y < view.y + view.height && y + 88 > view.y;

/** Frames until all stands that should, and what stands then. */
function rested(standing: ReadonlySet<string>, look: Look, nodes = many): { frames: number; standing: ReadonlySet<string> } {
  for (let frames = 1; frames < 1_000; frames += 1) {
    const next = nextStanding(standing, nodes, look);
    if (next.isDone) return { frames, standing: next.standing };
    standing = next.standing;
  }
  throw new Error("it never rests");
}

describe("what stands of a large flow", () => {
  test("all in view at once, the margin a few a frame, nearest first", () => {
    const look = at(3_000, 1_000);
    const seen = many.filter((node) => isSeen(node, look)).map((node) => node.id);
    const first = nextStanding(new Set(), many, look);
    expect(seen.every((id) => first.standing.has(id))).toBe(true);
    expect(first.standing.size - seen.length).toBe(3);
    expect(first.isDone).toBe(false);
    const { frames, standing } = rested(new Set(), look);
    expect(standing.size).toBeGreaterThan(1.2 * seen.length);
    expect(standing.size).toBeLessThan(4 * seen.length);
    expect(frames).toBe(Math.ceil((standing.size - seen.length) / 3));
  });

  test("a small movement puts up no more than a few in one frame, and takes down what it left", () => {
    const { standing } = rested(new Set(), at(3_000, 1_000));
    const next = nextStanding(standing, many, at(3_280, 1_000)).standing;
    const came = [...next].filter((id) => !standing.has(id));
    const went = [...standing].filter((id) => !next.has(id));
    expect(came.length).toBeGreaterThan(0);
    expect(came.length).toBeLessThanOrEqual(3);
    expect(went.length).toBeLessThanOrEqual(60);
  });

  test("what was left behind is taken down in the end", () => {
    const { standing } = rested(new Set(), at(0, 0));
    expect(standing.has("n0")).toBe(true);
    expect(rested(standing, at(8_000, 2_000)).standing.has("n0")).toBe(false);
    const all = new Set(many.map((node) => node.id));
    expect(all.size - nextStanding(all, many, at(0, 0)).standing.size).toBe(60);
  });

  test("a small flow stands whole wherever one looks", () => {
    const few = many.slice(0, 60);
    expect(nextStanding(new Set(), few, at(90_000, 90_000))).toEqual({ standing: new Set(few.map((node) => node.id)), isDone: true, isCleared: true });
    const edges = [arrow(0, 1)];
    expect(castOf(new Set(), few, edges, at(90_000, 0).view)).toEqual({ nodes: few, edges });
  });

  test("from afar all of it, from the middle outwards, in groups", () => {
    const look: Look = { view: { x: 2_000, y: 200, width: 4_200, height: 1_920 }, isFar: true };
    const first = nextStanding(new Set(), many, look).standing;
    expect(first.size).toBe(48);
    expect(many.filter((node) => first.has(node.id)).every((node) => isSeen(node, look))).toBe(true);
    expect(rested(new Set(), look).standing.size).toBe(many.length);
  });
});

describe("zooming", () => {
  test("what comes into view by it comes a few a frame, from the middle outwards, and all of it in the end", () => {
    const { standing } = rested(new Set(), at(3_000, 1_000));
    const wider: Look = { view: { x: 2_000, y: 400, width: 3_400, height: 1_600 }, isFar: false, isZoomed: true };
    const came = [...nextStanding(standing, many, wider).standing].filter((id) => !standing.has(id));
    expect(came).toHaveLength(10);
    const after = rested(standing, wider).standing;
    expect(many.filter((node) => isSeen(node, wider)).every((node) => after.has(node.id))).toBe(true);
  });

  test("cards turn into shapes and back a part of them a frame, none twice", () => {
    const parts = many.map((node) => partOf(node.id));
    expect(new Set(parts).size).toBe(PARTS);
    expect(Math.max(...parts.map((part) => parts.filter((other) => other === part).length))).toBeLessThan((2 * many.length) / PARTS);
    const steps = (from: number, isFar: boolean): number[] => (nextTurned(from, isFar) === from ? [from] : [from, ...steps(nextTurned(from, isFar), isFar)]);
    expect(steps(0, true)).toEqual([0, 4, 8, 12, 16]);
    expect(steps(PARTS, false)).toEqual(Array.from({ length: PARTS + 1 }, (_, at) => PARTS - at));
  });

  test("what has to go is gone before shapes turn into cards", () => {
    const all = new Set(many.map((node) => node.id));
    expect(nextStanding(all, many, at(3_000, 1_000)).isCleared).toBe(false);
    expect(nextStanding(rested(all, at(3_000, 1_000)).standing, many, at(3_000, 1_000)).isCleared).toBe(true);
  });
});

describe("what the graph library is given", () => {
  const view = at(0, 0).view;
  const given = (edges: DrawnEdge[], nodes = many) => {
    const cast = castOf(new Set(["n0", "n1"]), nodes, edges, view);
    return { drawn: cast.nodes.filter((node) => !node.hidden).map((node) => node.id), hidden: cast.nodes.filter((node) => node.hidden).map((node) => node.id), edges: cast.edges.map((edge) => edge.id) };
  };

  test("an arrow that leaves what stands, with its end known and not drawn", () => {
    expect(given([arrow(0, 1), arrow(1, 900), arrow(800, 900)])).toEqual({ drawn: ["n0", "n1"], hidden: ["n900"], edges: ["n0>n1", "n1>n900"] });
  });

  test("an arrow that only crosses the view", () => {
    const wide = { ...card(999), id: "left", position: { x: -4_000, y: 200 } };
    expect(given([{ ...arrow(0, 39), id: "long", source: "left", target: "n39" }], [...many, wide])).toEqual({ drawn: ["n0", "n1"], hidden: ["n39", "left"], edges: ["long"] });
  });

  test("what is selected, wherever it is, so that it goes along and can be let go", () => {
    const nodes = many.map((node) => (node.id === "n700" ? { ...node, selected: true } : node));
    expect(given([{ ...arrow(800, 900), selected: true }], nodes)).toEqual({ drawn: ["n0", "n1"], hidden: ["n700", "n800", "n900"], edges: ["n800>n900"] });
  });

  test("the same object for a node that is not drawn, as long as it is the same node", () => {
    const hidden = () => castOf(new Set(), many, [{ ...arrow(800, 900), selected: true }], view).nodes[0];
    expect(hidden()).toBe(hidden());
  });
});
