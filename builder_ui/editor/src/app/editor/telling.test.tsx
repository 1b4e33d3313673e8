import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speak, t, withWords } from "@/i18n";
import type { RunEvent } from "@/api/types";
import { useEditor } from "@/store/editor";
import { folded, viewOf, type RunView } from "@/store/fold";
import { useRun } from "@/store/run";
import { LiveRegion } from "./LiveRegion";
import { changesSaid } from "./telling";

const ids = ["charge", "paid", "pack", "ship", "tell"];
const start: RunView = viewOf(
  {
    id: "r", flow: "f", version: 1, number: 7, status: "running", input: {}, output: null, error: null, created_at: "2026-01-01T00:00:00Z", started_at: "2026-01-01T00:00:00Z", finished_at: null,
    steps: ids.map((key) => ({ key, node: key, status: "pending", attempt: 0, started_at: null, finished_at: null, error: null })),
  },
  1,
);
let seq = 1;
const event = (kind: string, step: string | null, data: RunEvent["data"] = {}): RunEvent => ({ seq: ++seq, kind, step, at: "2026-01-01T00:00:01Z", data });

beforeEach(async () => {
  seq = 1;
  await speak("en");
  await withWords(Promise.resolve());
  const nodes = ids.map((id) => ({ id, type: "log", label: id === "charge" ? "Charge card" : id }));
  useEditor.setState({ document: { dsl: 1, nodes, edges: [], notes: [] } });
});
afterEach(() => {
  vi.useRealTimers();
  useRun.getState().leave();
});

test("steps are named with how they stand, what failed first and why, and the run last", () => {
  const after = folded(start, [
    event("step_started", "charge", { attempt: 1 }),
    event("step_succeeded", "charge"),
    event("step_started", "paid", { attempt: 1 }),
    event("step_failed", "paid", { error: { code: "x", class: "permanent", message: "No such card" } }),
    event("run_failed", null, {}),
  ]);
  expect(changesSaid(start, after, t)).toBe("paid: Failed: No such card. Charge card: Succeeded. Run 7: Failed");
  expect(changesSaid(after, after, t)).toBe("");
});

test("of many steps only the count is said, and of items which", () => {
  const many = folded(start, ids.slice(0, 4).map((id) => event("step_succeeded", id)));
  expect(changesSaid(start, many, t)).toBe("4 steps: Succeeded");
  const item = folded(start, [event("step_started", "pack[3]", { attempt: 1 })]);
  expect(changesSaid(start, item, t)).toBe("pack[3]: Running");
});

test("steps that are only learnt of now are not said to have happened now", () => {
  const learnt: RunView = { ...start, steps: new Map([...start.steps, ["each[0]/x", { ...(start.steps.get("charge") as NonNullable<ReturnType<typeof start.steps.get>>), key: "each[0]/x", status: "succeeded", seq: 1 }]]) };
  expect(changesSaid(start, learnt, t)).toBe("");
});

test("the live region gathers what happens and says it once; of the past that is looked at it says nothing", async () => {
  vi.useFakeTimers();
  render(<LiveRegion />);
  const told = () => screen.getByTestId("told").textContent;
  const one = folded(start, [event("step_started", "charge", { attempt: 1 })]);
  const two = folded(one, [event("step_succeeded", "charge")]);
  act(() => useRun.setState({ runId: "r", live: start, view: start }));
  act(() => useRun.setState({ live: one }));
  act(() => useRun.setState({ live: two }));
  expect(told()).toBe("");
  await act(() => vi.advanceTimersByTimeAsync(1_100));
  await act(() => vi.waitFor(() => expect(told()).toBe("Charge card: Succeeded")));
  act(() => useRun.setState({ cursor: 1, live: folded(two, [event("step_succeeded", "paid")]) }));
  await act(() => vi.advanceTimersByTimeAsync(1_100));
  expect(told()).toBe("Charge card: Succeeded");
});
