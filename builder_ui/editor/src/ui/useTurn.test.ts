import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useTurn } from "./useTurn";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const frame = (): void => act(() => void vi.advanceTimersToNextFrame());

test("of what is wanted at the same moment one part stands a frame, and what is wanted no more takes nobody's turn", () => {
  const { result, rerender } = renderHook(({ wanted }) => wanted.map(useTurn), { initialProps: { wanted: [true, true, true] } });
  expect(result.current).toEqual([false, false, false]);
  frame();
  expect(result.current).toEqual([true, false, false]);
  rerender({ wanted: [true, false, true] });
  frame();
  expect(result.current).toEqual([true, false, true]);
  rerender({ wanted: [false, true, true] });
  expect(result.current).toEqual([false, false, true]);
  frame();
  expect(result.current).toEqual([false, true, true]);
});
