import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunEvent } from "@/api/types";
import { folded, viewOf } from "./fold";
import { useRunLately } from "./lately";
import { useRun } from "./run";
import { pending, runOf } from "./run.test-data";

const run = runOf({ steps: pending("a") });
const event = (seq: number, kind: string): RunEvent => ({ seq, kind, step: kind.startsWith("run") ? null : "a", at: "2026-01-01T00:00:01Z", data: {} });
const tell = (...events: RunEvent[]): void => {
  const { live } = useRun.getState();
  if (live === null) throw new Error("no run is followed");
  const next = folded(live, events);
  useRun.setState({ live: next, view: next });
};
const seen = (): number | undefined => useRunLately.getState().live?.seq;

beforeEach(() => {
  vi.useFakeTimers();
  const live = viewOf(run, 0);
  useRun.setState({ runId: "r", live, view: live, cursor: null });
});
afterEach(() => {
  useRun.getState().leave();
  vi.useRealTimers();
});

test("after a quiet while an event is seen at once; of a stream what was told last, ten times a second", () => {
  vi.advanceTimersByTime(200);
  tell(event(1, "step_started"));
  expect(seen()).toBe(1);
  tell(event(2, "step_retrying"));
  tell(event(3, "step_started"));
  expect(seen()).toBe(1);
  vi.advanceTimersByTime(100);
  expect(seen()).toBe(3);
  tell(event(4, "step_retrying"));
  expect(seen()).toBe(3);
  vi.advanceTimersByTime(100);
  expect(seen()).toBe(4);
});

test("its end, another moment and another run are never seen late", () => {
  tell(event(1, "step_started"));
  expect(seen()).toBe(0);
  useRun.setState({ cursor: 1 });
  expect(useRunLately.getState().cursor).toBe(1);
  tell(event(2, "run_succeeded"));
  expect(useRunLately.getState().live?.status).toBe("succeeded");
  useRun.getState().leave();
  expect(useRunLately.getState().runId).toBeNull();
});
