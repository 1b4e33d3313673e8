import { ReactFlowProvider, useStoreApi } from "@xyflow/react";
import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { moverOf, useMoving } from "./moving";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function canvas() {
  const store = renderHook(() => useStoreApi<DrawnNode, DrawnEdge>(), { wrapper: ReactFlowProvider }).result.current;
  const box = document.createElement("div");
  const sheet = box.appendChild(document.createElement("div"));
  sheet.className = "react-flow__viewport";
  store.setState({ domNode: box });
  return { mover: moverOf(store), sheet, told: () => store.getState().transform };
}

const frame = () => vi.advanceTimersToNextFrame();
/** The test environment's wheel knows no buttons. */
const wheel = (buttons = 0) => Object.assign(new WheelEvent("wheel"), { buttons });

test("while a hand pans the sheet goes along in every frame, and the library is told when the hand rests", () => {
  const { mover, sheet, told } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10, y: 0, zoom: 1 });
  frame();
  mover.go({ x: -20, y: 5, zoom: 1 });
  frame();
  expect(sheet.style.transform).toBe("translate(-20px, 5px) scale(1)");
  expect(useMoving.getState()).toMatchObject({ x: -20, y: 5 });
  expect(told()).toEqual([0, 0, 1]);
  frame();
  expect(told()).toEqual([-20, 5, 1]);
});

test("whoever presses or lets go finds the library told", () => {
  const { mover, told } = canvas();
  mover.begin(wheel());
  mover.go({ x: -10, y: 0, zoom: 1 });
  mover.press();
  expect(told()).toEqual([-10, 0, 1]);
  mover.begin(wheel());
  mover.go({ x: -30, y: 0, zoom: 1 });
  mover.end();
  expect(told()).toEqual([-30, 0, 1]);
});

test("the library is told at once of another zoom, of what the program moves, and of a wheel that is turned while something is held", () => {
  const { mover, told } = canvas();
  mover.begin(wheel());
  mover.go({ x: 0, y: 0, zoom: 0.5 });
  expect(told()).toEqual([0, 0, 0.5]);
  mover.end();
  mover.begin(null);
  mover.go({ x: 7, y: 0, zoom: 0.5 });
  expect(told()).toEqual([7, 0, 0.5]);
  mover.begin(wheel(1));
  mover.go({ x: 9, y: 0, zoom: 0.5 });
  expect(told()).toEqual([9, 0, 0.5]);
});
