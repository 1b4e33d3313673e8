import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Run, RunStep } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { useEditor } from "@/store/editor";
import { beginning, viewOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { onFreshPages, serve, show } from "@/ui/testing";
import { StepList } from "./StepList";

onFreshPages();

const step = (key: string, status: RunStep["status"]): RunStep => ({ key, node: key, status, attempt: status === "pending" ? 0 : 1, started_at: status === "pending" ? null : "2026-01-01T00:00:00Z", finished_at: null, error: null });
const documentOf = (...labels: [id: string, label: string][]): FlowDocument => ({ dsl: 1, nodes: labels.map(([id, label]) => ({ id, type: "log", label })), edges: [] });
const run: Run = {
  id: "r", flow: "f", version: 2, moved: true, number: 1, status: "running", input: {}, output: null, error: null, created_at: "2026-01-01T00:00:00Z", started_at: "2026-01-01T00:00:00Z", finished_at: null,
  steps: [step("start", "succeeded"), step("tell", "pending"), step("old", "succeeded")],
};

beforeEach(() => {
  serve({});
  // Rows stand only where there is room for them, and a page for tests has none.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
});
afterEach(() => {
  act(() => useRun.getState().leave());
  vi.restoreAllMocks();
});

/** The names in the list, of a run that stands so, with this document on the canvas. */
function names(document: FlowDocument, over: Partial<Run>, isPast: boolean): (string | null | undefined)[] {
  const live = viewOf({ ...run, ...over }, 9);
  useEditor.getState().open({ id: "f", name: "F", document, readOnly: true });
  useRun.setState({ runId: "r", live, view: isPast ? beginning(live) : live, events: [], cursor: isPast ? 1 : null });
  show(<StepList onStep={() => undefined} />);
  return screen.getAllByRole("listitem").map((item) => item.querySelector("span")?.textContent);
}

test("before a run was moved the list holds what the version of then had to do, as the canvas does", () => {
  const then = documentOf(["start", "Start"], ["old", "Old"], ["hush", "Hush"]);
  expect(names(then, {}, true)).toEqual(["Start", "Old", "Hush"]);
});

test("after it, what ran before stays and what lies ahead is the new version's", () => {
  const now = documentOf(["start", "Start"], ["tell", "Tell"]);
  expect(names(now, { steps: [...run.steps, step("hush", "pending")] }, false)).toEqual(["Start", "old", "Tell"]);
});

test("a run that was never moved is listed as it is told, whatever stands on the canvas", () => {
  expect(names(documentOf(["start", "Start"], ["new", "New"]), { moved: false }, false)).toEqual(["Start", "old", "tell"]);
});
