import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Run } from "@/api/types";
import { speak, withWords } from "@/i18n";
import { viewOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { fillIn, serve, show } from "@/ui/testing";
import { RunStates } from "./RunStates";

const run: Run = { id: "r1", flow: "f1", version: 1, status: "queued", input: {}, output: null, error: null, created_at: "2026-01-01T00:00:00Z", started_at: null, finished_at: null, steps: [] };
const shown = (change: object): void => act(() => useRun.setState({ runId: "r1", live: viewOf(run, 0), connection: "live", retryAt: null, ...change }));

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  useRun.setState({ runId: null, live: null, connection: "closed", retryAt: null });
});

test("a run that waits because no worker runs says so, and how to start one", async () => {
  serve({ "GET /api/runs/r1/": { ...run, queue_position: null }, "GET /readyz": { status: "unavailable", executor: false } });
  shown({});
  show(<RunStates />);
  expect(await screen.findByText("No worker is running")).toBeTruthy();
  expect(screen.getByText("manage.py worker")).toBeTruthy();
});

test("a run in line behind its flow's limit says its place and leads to those ahead", async () => {
  serve({ "GET /api/runs/r1/": { ...run, queue_position: 3, queue_limit: 2 }, "GET /readyz": { status: "ok", executor: true } });
  shown({});
  show(<RunStates />);
  expect(await screen.findByText("No. 3 in line")).toBeTruthy();
  expect(screen.getByText(/runs 2 at a time/)).toBeTruthy();
  expect(screen.getByRole("link").getAttribute("href")).toBe("/runs?flow=f1&status=running,waiting,paused");
});

test("a queued run that nothing holds says nothing", async () => {
  const asked = serve({ "GET /api/runs/r1/": { ...run, queue_position: null }, "GET /readyz": { status: "ok", executor: true } });
  shown({});
  show(<RunStates />);
  await vi.waitFor(() => expect(asked.map(({ path }) => path)).toEqual(expect.arrayContaining(["/api/runs/r1/", "/readyz"])));
  expect(screen.queryByTestId("run-state")).toBeNull();
});

test("a lost line says when it tries again, and tries at once when asked", async () => {
  const reconnect = vi.fn();
  shown({ connection: "waiting", retryAt: Date.now() + 4_900, reconnect });
  show(<RunStates />);
  expect(screen.getByTestId("retry-live").textContent).toContain("5 s");
  await userEvent.click(screen.getByRole("button", { name: "Try now" }));
  expect(reconnect).toHaveBeenCalledTimes(1);
  shown({ connection: "live" });
  expect(screen.queryByTestId("run-state")?.textContent ?? "").not.toContain("connection");
});

test("whoever may no longer see the run is told so, and what was seen stays", () => {
  shown({ connection: "refused" });
  show(<RunStates />);
  expect(screen.getByText("You may not follow this run")).toBeTruthy();
});
