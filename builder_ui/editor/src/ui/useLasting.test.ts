import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useLasting } from "./useLasting";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wait = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

test("what passes at once never was; what lasts is told after a moment, and its end at once", () => {
  const { result, rerender } = renderHook(({ isSo }) => useLasting(isSo), { initialProps: { isSo: true } });
  wait(200);
  expect(result.current).toBe(false);
  rerender({ isSo: false });
  wait(2_000);
  rerender({ isSo: true });
  wait(200);
  expect(result.current).toBe(false);
  wait(300);
  expect(result.current).toBe(true);
  rerender({ isSo: false });
  expect(result.current).toBe(false);
});
