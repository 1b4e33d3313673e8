import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { folded, viewOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { useShown } from "./shown";
import { useOverlay } from "./useOverlay";
import { pending, runOf } from "@/store/run.test-data";

const run = runOf({ steps: pending("a") });
const began: RunEvent = { seq: 1, kind: "step_started", step: "a", at: "2026-01-01T00:00:01Z", data: { attempt: 1 } };

const nothing = (): string[] => [];
const everything = (): string[] => useEditor.getState().document.nodes.map(({ id }) => id);

afterEach(() => {
  useRun.getState().leave();
  useDry.getState().leave();
});

test("an event changes what the canvas shows without the canvas being drawn again", () => {
  const { document, flow } = useEditor.getState();
  useEditor.setState({
    document: { ...document, nodes: [{ id: "a", type: "log", position: { x: 0, y: 0 } }] },
    flow: { ...flow, id: "f" } as NonNullable<typeof flow>,
  });
  let drawings = 0;
  const { unmount } = renderHook(() => {
    drawings += 1;
    useOverlay(nothing);
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

test("what a run tells of many cards comes upon them over some frames, and nothing of what it tells meanwhile is missed", async () => {
  const { document, flow } = useEditor.getState();
  const ids = Array.from({ length: 60 }, (_, at) => `n${at}`);
  useEditor.setState({
    document: { ...document, nodes: ids.map((id) => ({ id, type: "log", position: { x: 0, y: 0 } })) },
    flow: { ...flow, id: "f" } as NonNullable<typeof flow>,
  });
  const { unmount } = renderHook(() => useOverlay(everything));
  const view = viewOf({ ...run, steps: pending(...ids) }, 0);
  act(() => useRun.setState({ view, live: view }));
  expect(useShown.getState().overlay?.nodes.size ?? 0).toBeLessThan(ids.length);
  act(() => useRun.setState({ view: folded(view, [{ ...began, step: "n59" }]) }));
  await waitFor(() => expect(useShown.getState().overlay?.nodes.get("n59")?.status).toBe("running"));
  expect(useShown.getState().overlay?.nodes.size).toBe(ids.length);
  unmount();
});

test("a dry run stands in place of a run until it is closed or another run is opened", () => {
  const { document, flow } = useEditor.getState();
  useEditor.setState({
    document: { ...document, nodes: [{ id: "a", type: "log", position: { x: 0, y: 0 } }] },
    flow: { ...flow, id: "f" } as NonNullable<typeof flow>,
  });
  const { unmount } = renderHook(() => useOverlay(nothing));
  const view = viewOf(run, 0);
  const status = () => useShown.getState().overlay?.nodes.get("a")?.status;
  const show = () => act(() => useDry.getState().show({ view: folded(view, [began]), document, told: { status: "running", output: null, events: [began], asked: [] } }));
  act(() => useRun.setState({ runId: "r", view, live: view }));
  show();
  expect(status()).toBe("running");
  act(() => useDry.getState().leave());
  expect(status()).toBe("pending");
  show();
  act(() => useRun.setState({ runId: "s", view }));
  expect([status(), useDry.getState().isOpen]).toEqual(["pending", false]);
  show();
  act(() => useEditor.setState({ flow: { ...flow, id: "g" } as NonNullable<typeof flow> }));
  expect([status(), useDry.getState().played]).toEqual([undefined, null]);
  unmount();
});
