import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Run, RunEvent } from "@/api/types";
import { useEditor } from "@/store/editor";
import { folded, viewOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { useShown } from "./shown";
import { useOverlay } from "./useOverlay";

const run: Run = {
  id: "r",
  flow: "f",
  version: 1,
  status: "running",
  input: {},
  output: null,
  error: null,
  created_at: "2026-01-01T00:00:00Z",
  started_at: null,
  finished_at: null,
  steps: [{ key: "a", node: "a", status: "pending", attempt: 0, started_at: null, finished_at: null, error: null }],
};
const began: RunEvent = { seq: 1, kind: "step_started", step: "a", at: "2026-01-01T00:00:01Z", data: { attempt: 1 } };

afterEach(() => useRun.getState().leave());

test("an event changes what the canvas shows without the canvas being drawn again", () => {
  const { document, flow } = useEditor.getState();
  useEditor.setState({
    document: { ...document, nodes: [{ id: "a", type: "log", position: { x: 0, y: 0 } }] },
    flow: { ...flow, id: "f" } as NonNullable<typeof flow>,
  });
  let drawings = 0;
  const { unmount } = renderHook(() => {
    drawings += 1;
    useOverlay();
  });
  const view = viewOf(run, 0);
  const before = drawings;
  act(() => useRun.setState({ view, live: view }));
  expect(useShown.getState().overlay?.nodes.get("a")?.status).toBe("pending");
  act(() => useRun.setState({ view: folded(view, [began]) }));
  expect(useShown.getState().overlay?.nodes.get("a")?.status).toBe("running");
  expect(drawings).toBe(before);
  act(() => useRun.setState({ view: { ...view, flow: "another" } }));
  expect(useShown.getState().overlay).toBeNull();
  unmount();
  act(() => useRun.setState({ view }));
  expect(useShown.getState().overlay).toBeNull();
});
