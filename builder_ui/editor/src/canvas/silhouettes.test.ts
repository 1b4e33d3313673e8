import { Position as Side } from "@xyflow/react";
import { expect, test } from "vitest";
import type { Overlay, NodeOverlay } from "@/store/overlay";
import { EMPTY_SCENE, type CardNode, type DrawnEdge, type Scene } from "./drawn";
import { pathOf } from "./path";
import { areArrowsAlike, areCardsAlike, arrowsBeneath, cardsBeneath, partsOf } from "./silhouettes";

const end = (id: string, type: "source" | "target", position: Side, x: number) => ({ id, type, position, x, y: 22, width: 11, height: 11 });
const card = (id: string, x: number, y: number): CardNode => ({
  id,
  type: "card",
  position: { x, y },
  width: 220,
  height: 88,
  data: { node: { id, type: id.startsWith("t") ? "trigger.manual" : "log" }, ports: { hasEntry: true, isUndo: false, outgoing: ["out"], canUndo: true, hasUndo: false } },
  handles: [end("in", "target", Side.Left, -5.5), end("out", "source", Side.Right, 214.5), end("error", "source", Side.Right, 214.5)],
});
const arrow = (source: string, target: string, port = "out"): DrawnEdge => ({ id: `${source}:${port}>${target}`, type: "arrow", source, target, sourceHandle: port, targetHandle: "in", data: { edge: { from: source, to: target, port }, from: source, to: target } });
const scene: Scene = { ...EMPTY_SCENE, nodes: [card("t", 0, 0), card("a", 280, 0), card("b", 560, 0)], edges: [arrow("t", "a"), arrow("a", "b"), arrow("a", "b", "error")] };
const catalogue = new Map([["log", { category: "code" }], ["trigger.manual", { category: "trigger" }]]);
const whole = { scene, overlay: null as Overlay | null, catalogue, isFar: true, held: new Set<string>(), arrows: new Set<string>() };
type Subject = Partial<typeof whole>;
const parts = (subject: Subject) => {
  const { scene, ...others } = { ...whole, ...subject };
  return partsOf(scene, others.isFar).map((part) => ({ part, ...others }));
};
const told = (subject: Subject) => [arrowsBeneath, cardsBeneath].flatMap((beneath) => parts(subject).flatMap(beneath));
const count = (subject: Subject, kind: string): number => told(subject).filter((each) => each.kind === kind).reduce((sum, each) => sum + (each.d.match(/M/g)?.length ?? 0), 0);
const status = (status: NodeOverlay["status"]): NodeOverlay => ({ status, attempt: 1, startedAt: null, finishedAt: null, due: null, error: null, port: null, progress: null, waitsOn: null, key: "" });

test("all cards and arrows are a few paths: one for what looks alike", () => {
  const { length } = told({});
  const wide = Array.from({ length: 300 }, (_, at) => card(`n${at}`, 8 * at, 8 * at));
  expect(told({ scene: { ...scene, nodes: [...scene.nodes, ...wide] } })).toHaveLength(length);
  expect([count({}, "box"), count({}, "square"), count({}, "line"), count({}, "tip")]).toEqual([3, 3, 3, 0]);
  expect(told({}).filter((each) => each.kind === "square").map((each) => each.looks["data-category"])).toEqual(["trigger", "code"]);
});

test("what lies far apart is not one path: what changes here is not painted anew there, nor near by what is beside what is seen", () => {
  const boxes = (x: number, isFar: boolean): number => told({ scene: { ...scene, nodes: [card("a", 0, 0), card("b", x, 0)], edges: [] }, isFar }).filter((each) => each.kind === "box").length;
  expect([boxes(900, true), boxes(9_000, true)]).toEqual([1, 2]);
  expect([boxes(300, false), boxes(900, false)]).toEqual([1, 2]);
});

test("a box is where the card is, with its border inside", () => {
  const [box] = told({ scene: { ...scene, nodes: [card("a", 100, 40)], edges: [] } }).filter((each) => each.kind === "box");
  expect(box?.d).toMatch(/^M111 40\.5h198a10\.5 10\.5 0 0 1 10\.5 10\.5v66a/);
});

test("an arrow is the line that the graph library would draw", () => {
  const [line] = told({ scene: { ...scene, edges: [arrow("t", "a")] } }).filter((each) => each.kind === "line");
  expect(line?.d).toBe(pathOf({ sourceX: 225.5, sourceY: 27.5, targetX: 274.5, targetY: 27.5, sourcePosition: Side.Right, targetPosition: Side.Left }).path);
});

test("near, arrows have heads and an error's has its colour", () => {
  expect(count({ isFar: false }, "tip")).toBe(3);
  expect(told({ isFar: false }).filter((each) => each.looks["data-port"] === "error")).toHaveLength(1);
  expect(told({}).filter((each) => each.looks["data-port"] === "error")).toHaveLength(0);
});

test("what is held and its arrows have none, nor have arrows that draw themselves", () => {
  expect([count({ held: new Set(["b"]) }, "box"), count({ held: new Set(["b"]) }, "line")]).toEqual([2, 1]);
  expect(count({ arrows: new Set(["t:out>a"]) }, "line")).toBe(2);
});

test("in a run each status has its look", () => {
  const overlay: Overlay = { nodes: new Map([["t", status("succeeded")], ["a", status("skipped")], ["b", status("pending")]]), edges: new Map([["t:out>a", "taken"]]) };
  const drawn = told({ overlay });
  expect(drawn.filter((each) => each.kind === "box").map((each) => each.looks["data-status"])).toEqual(["succeeded", "skipped", undefined]);
  expect(drawn.filter((each) => each.kind === "square").map((each) => each.looks["data-faded"])).toEqual([undefined, "true", undefined]);
  expect(drawn.filter((each) => each.kind === "line").map((each) => each.looks["data-state"])).toEqual(["taken", undefined]);
});

test("what looks as before is seen to, and whatever looks otherwise", () => {
  const alike = (subject: Subject): boolean[] => parts({}).flatMap((before) => parts(subject).flatMap((after) => [areArrowsAlike(before, after), areCardsAlike(before, after)]));
  const during = (overlay: Partial<Overlay>): Overlay => ({ nodes: new Map(), edges: new Map(), ...overlay });
  expect(alike({ scene: { ...scene, nodes: [...scene.nodes] } })).toEqual([true, true]);
  expect(alike({ overlay: during({ nodes: new Map([["elsewhere", status("running")]]) }) })).toEqual([true, true]);
  expect(alike({ overlay: during({ nodes: new Map([["a", status("running")]]) }) })).toEqual([true, false]);
  expect(alike({ overlay: during({ edges: new Map([["t:out>a", "taken"]]) }) })).toEqual([false, true]);
  expect(alike({ arrows: new Set(["t:out>a"]) })).toEqual([false, true]);
  expect(alike({ held: new Set(["b"]) })).toEqual([false, false]);
  expect(alike({ scene: { ...scene, nodes: [card("t", 8, 0), ...scene.nodes.slice(1)] } })).toEqual([false, false]);
  expect(alike({ scene: { ...scene, edges: scene.edges.slice(1) } })).toEqual([false, true]);
  expect(alike({ scene: { ...scene, nodes: scene.nodes.slice(0, 2), edges: [] } })).toEqual([false, false]);
  expect(alike({ catalogue: new Map() })).toEqual([true, false]);
});
