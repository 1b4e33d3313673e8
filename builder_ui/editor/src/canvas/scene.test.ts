import type { NodeChange } from "@xyflow/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOTHING } from "@/document/selection";
import type { FlowDocument } from "@/document/types";
import { useEditor } from "@/store/editor";
import type { DrawnNode } from "./drawn";
import { PACE, useHeld } from "./holding";
import { onNodesChange, settle, useScene, watchScene } from "./scene";

const document: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "log", type: "log", position: { x: 300, y: 0 } },
    { id: "loop", type: "flow.each", position: { x: 600, y: 0 } },
    { id: "first", type: "log", position: { x: 40, y: 60 }, parent: "loop" },
    { id: "second", type: "log", position: { x: 340, y: 60 }, parent: "loop" },
  ],
  edges: [{ from: "start", to: "log" }, { from: "log", to: "loop" }, { from: "first", to: "second" }],
};

let stop = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  useEditor.setState({ document, selection: NOTHING });
  stop = watchScene();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const at = (id: string, { nodes } = useScene.getState()) => nodes.find((node) => node.id === id)?.position;
const arrow = (id: string, { edges } = useScene.getState()) => edges.find((edge) => edge.id === id);
const change = (id: string, x: number, y: number, dragging = true): NodeChange<DrawnNode> => ({ id, type: "position", position: { x, y }, dragging });

describe("what the hand holds", () => {
  test("is told to the library as it is taken, then some times a second, and as it is let go; between these it is pushed", () => {
    onNodesChange([change("log", 304, 8)]);
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 304, y: 8 }, { x: 0, y: 0 }]);
    const told = useScene.getState().nodes;
    onNodesChange([change("log", 312, 8)]);
    onNodesChange([change("log", 320, 24)]);
    expect(useScene.getState().nodes).toBe(told);
    expect(useHeld.getState().by).toEqual({ x: 16, y: 16 });
    vi.advanceTimersByTime(PACE);
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 320, y: 24 }, { x: 0, y: 0 }]);
    onNodesChange([change("log", 328, 24)]);
    expect(useHeld.getState().by).toEqual({ x: 8, y: 0 });
    onNodesChange([change("log", 336, 24, false)]);
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 336, y: 24 }, { x: 0, y: 0 }]);
    vi.advanceTimersByTime(2 * PACE);
    expect(at("log")).toEqual({ x: 336, y: 24 });
  });

  test("takes all along that it holds, and only that", () => {
    onNodesChange([change("loop", 608, 0)]);
    const { scene } = useScene.getState();
    const [from, before] = [scene.boxes.get("first"), scene.boxes.get("loop")];
    onNodesChange([change("loop", 640, 48)]);
    vi.advanceTimersByTime(PACE);
    const by = { x: 640 - (before?.x ?? NaN), y: 48 - (before?.y ?? NaN) };
    expect(at("first")).toEqual({ x: (from?.x ?? NaN) + by.x, y: (from?.y ?? NaN) + by.y });
    expect(at("log")).toEqual({ x: 300, y: 0 });
  });

  test("has its arrows over all that rests and under itself, and they know which end goes along", () => {
    const rest = useScene.getState();
    onNodesChange([change("loop", 608, 0)]);
    const { nodes } = useScene.getState();
    const resting = Math.max(...rest.nodes.map((node) => node.zIndex ?? 0));
    expect(arrow("log:out>loop")?.zIndex).toBeGreaterThan(resting);
    expect(arrow("log:out>loop")?.data?.held).toEqual({ source: false, target: true });
    expect(arrow("first:out>second")?.data?.held).toEqual({ source: true, target: true });
    expect(arrow("first:out>second")?.zIndex).toBeLessThan(nodes.find((node) => node.id === "first")?.zIndex ?? NaN);
    expect(arrow("first:out>second")?.zIndex).toBeGreaterThan(nodes.find((node) => node.id === "loop")?.zIndex ?? NaN);
    expect(arrow("start:out>log")).toBe(rest.edges.find((edge) => edge.id === "start:out>log"));
    settle();
    expect([useScene.getState().nodes, useScene.getState().edges]).toEqual([rest.nodes, rest.edges]);
  });

  test("is where the document has it as soon as that changes, and in the hand again with the next step", () => {
    onNodesChange([change("log", 304, 8)]);
    onNodesChange([change("log", 400, 8)]);
    useEditor.setState({ document: { ...document, edges: [] } });
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 300, y: 0 }, { x: 0, y: 0 }]);
    vi.advanceTimersByTime(2 * PACE);
    expect(at("log")).toEqual({ x: 300, y: 0 });
    onNodesChange([change("log", 408, 8)]);
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 408, y: 8 }, { x: 0, y: 0 }]);
  });

  test("is told in a frame where timers have no time", () => {
    onNodesChange([change("log", 304, 8)]);
    const now = vi.spyOn(performance, "now").mockReturnValue(performance.now() + PACE);
    onNodesChange([change("log", 312, 8)]);
    expect([at("log"), useHeld.getState().by]).toEqual([{ x: 312, y: 8 }, { x: 0, y: 0 }]);
    now.mockRestore();
  });
});
