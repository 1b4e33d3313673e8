import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunEvent } from "@/api/types";
import { speak } from "@/i18n";
import { useEditor } from "@/store/editor";
import { beginning, folded, viewOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { fillIn, show } from "@/ui/testing";
import { Timeline } from "./Timeline";

const START = 1_700_000_000_000;
const at = (ms: number): string => new Date(START + ms).toISOString();
const event = (seq: number, kind: string, ms: number, step: string | null, data: RunEvent["data"] = {}): RunEvent => ({ seq, kind, step, at: at(ms), data });
const begun = beginning(
  viewOf({ id: "r", flow: "f", version: 1, number: 1, status: "running", input: {}, output: null, error: null, created_at: at(0), started_at: at(0), finished_at: null, steps: ["start", "a", "b"].map((key) => ({ key, node: key, status: "pending", attempt: 0, started_at: null, finished_at: null, error: null })) }, 0),
);
const first = [event(1, "run_started", 0, null, { trigger: "start" }), event(2, "step_started", 10, "a", { attempt: 1 }), event(3, "step_succeeded", 300, "a"), event(4, "step_started", 310, "b", { attempt: 1 })];

beforeEach(async () => {
  fillIn();
  // Rows stand only where there is room for them, and a page for tests has none.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
  await speak("en");
  vi.useFakeTimers({ now: START + 1_100 });
  const nodes = ["start", "a", "b"].map((id) => ({ id, type: "log" }));
  useEditor.setState({ document: { dsl: 1, nodes, edges: [], notes: [] } });
  const live = folded(begun, first);
  useRun.setState({ runId: "r", live, view: live, events: first });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  useRun.getState().leave();
  vi.useRealTimers();
});

/** The rows in which anything changed while this was done. */
async function changed(does: () => Promise<unknown>): Promise<string[]> {
  const rows = new Set<string>();
  const note = (records: MutationRecord[]): void => records.forEach(({ target }) => rows.add((target as Element).closest("[data-row]")?.getAttribute("data-row") ?? "axis"));
  const observer = new MutationObserver(note);
  observer.observe(document.body, { subtree: true, attributes: true, childList: true, characterData: true });
  await act(does);
  note(observer.takeRecords());
  observer.disconnect();
  return [...rows].sort();
}

test("as time passes only what goes on is drawn again; an event draws its own row", async () => {
  show(<Timeline onStep={() => undefined} />);
  await act(() => vi.advanceTimersByTimeAsync(10));
  expect(screen.getAllByRole("button").map((row) => row.dataset.row)).toEqual(["start", "a", "b"]);
  expect(await changed(() => vi.advanceTimersByTimeAsync(100))).toEqual(["b"]);
  const later = [event(5, "step_succeeded", 1_200, "b")];
  const live = folded(useRun.getState().live ?? begun, later);
  expect(await changed(() => Promise.resolve(useRun.setState({ live, view: live, events: [...first, ...later] })))).toEqual(["axis", "b"]);
  expect(await changed(() => vi.advanceTimersByTimeAsync(20))).toEqual([]);
});

test("the axis takes a stride when the run has outgrown it, and then all rows are drawn", async () => {
  show(<Timeline onStep={() => undefined} />);
  await act(() => vi.advanceTimersByTimeAsync(10));
  expect(await changed(() => vi.advanceTimersByTimeAsync(300))).toEqual(["a", "axis", "b"]);
});

test("that there is no run is said where none was asked for", () => {
  act(() => useRun.getState().leave());
  act(() => void vi.advanceTimersByTime(200));
  show(<Timeline onStep={() => undefined} />);
  const said = (): Element | null => document.querySelector("p");
  expect(said()?.textContent).toMatch(/run/i);
  act(() => useRun.setState({ isStarting: true }));
  expect(said()).toBeNull();
  act(() => useRun.setState({ isStarting: false }));
  expect(said()).not.toBeNull();
});
