import { ReactFlowProvider, useStoreApi } from "@xyflow/react";
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useEditor } from "@/store/editor";
import { EMPTY_SCENE, type DrawnEdge, type DrawnNode } from "./drawn";
import { arrow, cardOf } from "./drawn.test-data";
import { moverOf, OURS, useMoving } from "./moving";
import { useScene } from "./scene";
import { useBeneath, useShown } from "./shown";
import { keepStaged } from "./stage";

const card = cardOf(20);

/** A canvas of 400 cards, opened at its beginning and settled. */
function canvas() {
  const store = renderHook(() => useStoreApi<DrawnNode, DrawnEdge>(), { wrapper: ReactFlowProvider }).result.current;
  const box = document.createElement("div");
  const sheet = box.appendChild(document.createElement("div"));
  sheet.className = "react-flow__viewport";
  store.setState({ domNode: box, width: 1_400, height: 640 });
  const nodes = Array.from({ length: 400 }, (_, at) => card(at));
  const edges = nodes.slice(1).map((_, at) => arrow(at, at + 1));
  useMoving.setState(OURS, true);
  const mover = moverOf(store);
  stop = keepStaged(store);
  act(() => useScene.setState({ scene: { ...EMPTY_SCENE, nodes, edges }, nodes, edges }));
  mover.begin(null);
  mover.go({ ...OURS });
  frames(200);
  const standing = () => store.getState().nodes.filter((node) => !node.hidden);
  const shapes = () => standing().filter((node) => node.type === "card" && node.data.isShape);
  return { store, box, mover, standing, shapes, arrows: () => store.getState().edges.length };
}

let stop = (): void => undefined;
const frames = (count: number) => act(() => {
  for (let each = 0; each < count; each += 1) vi.advanceTimersToNextFrame();
});
const rest = () => act(() => void vi.advanceTimersByTime(4_000));
const wheel = () => Object.assign(new WheelEvent("wheel"), { buttons: 0 });
const pointer = (type: string, x: number, y: number) => new MouseEvent(type, { clientX: x, clientY: y });

beforeEach(() => {
  vi.useFakeTimers();
  useShown.setState({ isFar: false });
  useEditor.getState().select({ nodes: [] });
});
afterEach(() => {
  stop();
  act(() => useScene.setState({ scene: EMPTY_SCENE, nodes: [], edges: [] }));
  vi.useRealTimers();
});

describe("a large flow", () => {
  test("that is opened stands at once where it is seen, with its arrows", () => {
    const { standing, arrows, shapes } = canvas();
    expect(standing().map((node) => node.id)).toContain("n0");
    expect(standing().length).toBeLessThan(120);
    expect(arrows()).toBeGreaterThan(10);
    expect(shapes()).toEqual([]);
    expect(useBeneath.getState()).toMatchObject({ isNeeded: true });
    expect(useBeneath.getState().arrows.size).toBe(arrows());
  });

  test("has nothing put up while a hand zooms out and pans from afar, and all as shapes when it rests", () => {
    const { mover, standing, shapes } = canvas();
    const before = standing().map((node) => node.id);
    mover.begin(wheel());
    for (const zoom of [0.8, 0.6, 0.4, 0.29, 0.2]) {
      mover.go({ x: 0, y: 0, zoom });
      frames(2);
    }
    for (const x of [-100, -300, -600, -200, 0]) {
      mover.go({ x, y: 0, zoom: 0.2 });
      frames(2);
    }
    expect(standing().map((node) => node.id)).toEqual(before);
    expect(shapes()).toEqual([]);
    rest();
    expect(shapes()).toHaveLength(400);
    expect(useBeneath.getState().arrows.size).toBe(0);
  });

  test("that is opened while the one before was still panned stands at once where it is seen", () => {
    const { mover, standing } = canvas();
    mover.begin(wheel());
    mover.go({ x: -40, y: 0, zoom: 1 });
    mover.go({ x: -80, y: 0, zoom: 1 });
    const nodes = Array.from({ length: 400 }, (_, at) => ({ ...card(at), id: `other${at}` }));
    act(() => {
      useEditor.setState({ flow: { id: "other", name: "Other" } });
      useScene.setState({ scene: { ...EMPTY_SCENE, nodes, edges: [] }, nodes, edges: [] });
    });
    const before = standing().length;
    mover.begin(null);
    mover.go({ x: -700, y: -320, zoom: 0.5 });
    expect(standing().length).toBeGreaterThan(before + 20);
    useEditor.setState({ flow: null });
  });

  test("looks as from afar while it is zoomed, and where nobody can read", () => {
    const { mover } = canvas();
    const goes = (zoom: number): boolean[] => {
      mover.begin(wheel());
      mover.go({ x: 0, y: 0, zoom });
      const { isFar } = useShown.getState();
      mover.end();
      return [isFar, useShown.getState().isFar];
    };
    expect([0.9, 0.9, 0.3, 0.29, 0.29].map(goes)).toEqual([[true, false], [false, false], [true, false], [true, true], [true, true]]);
  });

  test("has cards coming a few a frame while a hand pans near, their arrows when it rests", () => {
    const { mover, standing } = canvas();
    mover.begin(wheel());
    let most = 0;
    for (let x = -40; x > -1_600; x -= 40) {
      const before = new Set(standing().map((node) => node.id));
      mover.go({ x, y: 0, zoom: 1 });
      frames(1);
      most = Math.max(most, standing().filter((node) => !before.has(node.id)).length);
    }
    const seen = standing().filter(({ position: { x, y } }) => x > 1_600 && x < 2_800 && y < 640);
    expect(seen.length).toBeGreaterThan(15);
    expect(useBeneath.getState().arrows.has("n8>n9")).toBe(false);
    expect(most).toBeGreaterThan(0);
    rest();
    expect(useBeneath.getState().arrows.has("n8>n9")).toBe(true);
    expect(standing().map((node) => node.id)).not.toContain("n0");
  });

  test("has what is pointed at or pressed standing at once, even as it has hardly come to rest", () => {
    const { mover, box, shapes } = canvas();
    const there = (type: string, column: number): string[] => {
      act(() => void box.dispatchEvent(pointer(type, 0.2 * (280 * column + 20), 0.2 * (128 * 15 + 20))));
      return shapes().map((node) => node.id);
    };
    mover.begin(wheel());
    mover.go({ x: 0, y: 0, zoom: 0.2 });
    expect(there("wheel", 13)).toEqual([]);
    expect(there("pointermove", 13)).toEqual([]);
    expect(there("pointermove", 14)).toEqual(["n314"]);
    expect(there("pointerdown", 15)).toEqual(["n314", "n315"]);
  });

  test("has what the pointer rests on standing before all others", () => {
    const { mover, box, shapes } = canvas();
    act(() => void box.dispatchEvent(pointer("wheel", 0.2 * (280 * 13 + 20), 0.2 * (128 * 15 + 20))));
    mover.begin(wheel());
    mover.go({ x: 0, y: 0, zoom: 0.2 });
    for (let each = 0; each < 100 && shapes().length === 0; each += 1) frames(1);
    expect(shapes().map((node) => node.id)).toContain("n313");
    expect(shapes().length).toBeLessThan(400);
  });

  test("has the arrows of what is held drawn by themselves, and no silhouette of it", () => {
    const { mover, arrows } = canvas();
    mover.begin(wheel());
    mover.go({ x: 0, y: 0, zoom: 0.2 });
    rest();
    expect(arrows()).toBe(0);
    const { nodes } = useScene.getState();
    act(() => useScene.setState({ nodes: nodes.map((node) => (node.id === "n30" ? { ...node, position: { x: 5, y: 5 } } : node)) }));
    expect(arrows()).toBe(2);
    expect(useBeneath.getState().held).toEqual(new Set(["n30"]));
    act(() => useScene.setState({ nodes }));
    expect(useBeneath.getState().held.size).toBe(0);
  });

  test("is taken by a lasso whole, before it stands", () => {
    const { mover, store } = canvas();
    mover.begin(wheel());
    mover.go({ x: 0, y: 0, zoom: 0.2 });
    const rect = { x: 0, y: 0, width: 2_000, height: 2_000, startX: 0, startY: 0 };
    store.setState({ userSelectionActive: true, userSelectionRect: rect });
    act(() => store.setState({ userSelectionActive: false, userSelectionRect: null }));
    const { nodes, edges } = useEditor.getState().selection;
    expect(nodes).toHaveLength(400);
    expect(edges).toHaveLength(399);
  });
});
