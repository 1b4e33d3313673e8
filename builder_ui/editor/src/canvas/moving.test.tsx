import { ReactFlowProvider, useStoreApi } from "@xyflow/react";
import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { holdCards, isSteppingNow, moverOf, useMoving } from "./moving";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function canvas() {
  const store = renderHook(() => useStoreApi<DrawnNode, DrawnEdge>(), { wrapper: ReactFlowProvider }).result.current;
  const box = document.createElement("div");
  const sheet = box.appendChild(document.createElement("div"));
  sheet.className = "react-flow__viewport";
  store.setState({ domNode: box });
  let drawn = store.getState().transform;
  store.subscribe(({ transform }) => (drawn = transform));
  return { mover: moverOf(store), store, box, sheet, told: () => store.getState().transform, drawn: () => drawn };
}

const frame = () => vi.advanceTimersToNextFrame();
/** The test environment's wheel knows no buttons. */
const wheel = (buttons = 0) => Object.assign(new WheelEvent("wheel"), { buttons });

test("while a hand pans or zooms the sheet goes along in every frame, and what is drawn is told when the hand rests", () => {
  const { mover, sheet, drawn } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10, y: 0, zoom: 1 });
  frame();
  mover.go({ x: -20, y: 5, zoom: 0.5 });
  frame();
  expect(sheet.style.transform).toBe("translate(-20px, 5px) scale(0.5)");
  expect(useMoving.getState()).toMatchObject({ x: -20, y: 5, zoom: 0.5 });
  expect(drawn()).toEqual([0, 0, 1]);
  frame();
  expect(drawn()).toEqual([-20, 5, 0.5]);
});

test("the frame around a selection goes along with the sheet", () => {
  const { mover, store, box } = canvas();
  const around = box.appendChild(document.createElement("div"));
  around.className = "react-flow__nodesselection";
  around.style.transform = "translate(0px, 0px) scale(1) translate(40px, -8.5px)";
  store.setState({ nodesSelectionActive: true });
  mover.begin(wheel());
  mover.go({ x: -10.25, y: 5, zoom: 0.5 });
  expect(around.style.transform).toBe("translate(-10.25px, 5px) scale(0.5) translate(40px, -8.5px)");
});

test("whoever asks the library meanwhile finds where the view is", () => {
  const { mover, told, drawn } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10, y: 0, zoom: 0.8 });
  expect(told()).toEqual([-10, 0, 0.8]);
  expect(drawn()).toEqual([0, 0, 1]);
});

test("whoever presses or lets go finds it drawn", () => {
  const { mover, drawn } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10, y: 0, zoom: 1 });
  mover.press();
  expect(drawn()).toEqual([-10, 0, 1]);
  mover.begin(wheel());
  mover.go({ x: -30, y: 0, zoom: 1 });
  mover.end();
  expect(drawn()).toEqual([-30, 0, 1]);
});

test("it is drawn at once what the program puts elsewhere, and what a wheel does that is turned while something is held", () => {
  const { mover, drawn } = canvas();
  mover.begin(null);
  mover.go({ x: 7, y: 0, zoom: 0.5 });
  expect(drawn()).toEqual([7, 0, 0.5]);
  mover.begin(wheel(1));
  mover.go({ x: 9, y: 0, zoom: 0.5 });
  expect(drawn()).toEqual([9, 0, 0.5]);
});

test("what the program moves step by step is drawn as it begins, and when it rests", () => {
  const { mover, sheet, drawn } = canvas();
  mover.begin(null);
  mover.go({ x: 1, y: 0, zoom: 0.9 });
  for (const zoom of [0.8, 0.7]) {
    frame();
    mover.go({ x: 1, y: 0, zoom });
    expect(sheet.style.transform).toBe(`translate(1px, 0px) scale(${zoom})`);
    expect(drawn()).toEqual([1, 0, 0.9]);
  }
  frame();
  frame();
  expect(drawn()).toEqual([1, 0, 0.7]);
});

test("while cards are held at the edge the library finds where the view is, and is told when it rests or they are let go", () => {
  const { mover, told, drawn } = canvas();
  const goOn = (x: number): void => {
    mover.begin(null);
    mover.go({ x, y: 0, zoom: 1 });
  };
  mover.press();
  holdCards(true);
  goOn(5);
  frame();
  goOn(9);
  expect([told(), drawn()]).toEqual([[9, 0, 1], [0, 0, 1]]);
  frame();
  frame();
  expect(drawn()).toEqual([9, 0, 1]);
  holdCards(false);
  goOn(12);
  expect(drawn()).toEqual([12, 0, 1]);
  holdCards(true);
  mover.press();
  goOn(15);
  expect(drawn()).toEqual([15, 0, 1]);
});

test("a hand goes step by step, and so does what the program moves so; what it puts elsewhere at once does not", () => {
  const { mover } = canvas();
  const steps = (zoom: number): boolean => {
    mover.go({ x: 0, y: 0, zoom });
    return isSteppingNow();
  };
  mover.begin(wheel());
  expect([steps(0.5), steps(0.5)]).toEqual([true, true]);
  mover.begin(null);
  expect([steps(0.4), steps(0.3)]).toEqual([false, true]);
});

test("as long as the size stays the sheet goes by whole pixels of the screen, and only where it is zoomed it is announced to be", () => {
  vi.stubGlobal("devicePixelRatio", 2);
  const { mover, box, sheet, drawn } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10.3, y: 4.4, zoom: 1 });
  expect(sheet.style.transform).toBe("translate(-10.5px, 4.5px) scale(1)");
  expect(box.getAttribute("data-moving")).toBe("");
  mover.go({ x: -12.3, y: 4.4, zoom: 0.5 });
  expect(sheet.style.transform).toBe("translate(-12.3px, 4.4px) scale(0.5)");
  expect(box.getAttribute("data-moving")).toBe("zoom");
  mover.end();
  expect(drawn()).toEqual([-12.5, 4.5, 0.5]);
  expect(useMoving.getState()).toMatchObject({ x: -12.5, y: 4.5, zoom: 0.5 });
  expect(box.hasAttribute("data-moving")).toBe(false);
  vi.unstubAllGlobals();
});

test("what is held at the edge goes on also where a step is less than a pixel", () => {
  const { mover, told } = canvas();
  holdCards(true);
  for (let step = 0; step < 10; step += 1) {
    mover.begin(null);
    mover.go({ x: told()[0] - 0.3, y: told()[1], zoom: 1 });
  }
  expect(told()[0]).toBeCloseTo(-3);
  mover.press();
});
