import { beforeEach, expect, test, vi } from "vitest";
import type { FeedListener } from "@/api/feed";
import type { Run, RunEvent } from "@/api/types";
import { momentOf, useRun } from "./run";

const feed = vi.hoisted<{ listener: FeedListener<Run> | null }>(() => ({ listener: null }));
vi.mock("@/api/feed", () => ({
  followRun: (_id: string, listener: FeedListener<Run>) => {
    feed.listener = listener;
    return { close: () => undefined };
  },
}));
const listener = (): FeedListener<Run> => {
  if (feed.listener === null) throw new Error("no run is followed");
  return feed.listener;
};

const events: RunEvent[] = [1, 2].map((seq) => ({ seq, kind: "step_started", step: "a", at: new Date(seq * 1_000).toISOString(), data: {} }));

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
  steps: [{ key: "each", node: "each", status: "running", attempt: 1, started_at: null, finished_at: null, error: null }],
};

beforeEach(() => useRun.getState().leave());

test("the moment that is shown is that of the event under the cursor, and none while it is now", () => {
  expect(momentOf({ cursor: 2, events })).toBe(2_000);
  expect(momentOf({ cursor: null, events })).toBeNull();
});

test("a snapshot after a reconnect takes nothing away that the journal told", () => {
  useRun.getState().follow("r");
  listener().onSnapshot(run, 3, false);
  listener().onEvents([
    { seq: 1, kind: "run_started", step: null, at: "2026-01-01T00:00:01Z", data: { trigger: "start" } },
    { seq: 2, kind: "step_started", step: "each", at: "2026-01-01T00:00:02Z", data: { attempt: 1 } },
    { seq: 3, kind: "items_listed", step: "each", at: "2026-01-01T00:00:03Z", data: { count: 7 } },
    { seq: 4, kind: "step_started", step: "each[0]", at: "2026-01-01T00:00:04Z", data: { attempt: 1 } },
  ]);
  listener().onSnapshot(run, 5, false);
  const { view } = useRun.getState();
  expect(view?.steps.get("each")?.total).toBe(7);
  expect(view?.steps.get("each[0]")?.status).toBe("running");
  listener().onEvents([{ seq: 5, kind: "step_succeeded", step: "each[0]", at: "2026-01-01T00:00:05Z", data: {} }]);
  expect(useRun.getState().view?.steps.get("each[0]")?.status).toBe("succeeded");
});

test("an announced jump begins anew from its snapshot", () => {
  useRun.getState().follow("r");
  listener().onSnapshot(run, 0, false);
  listener().onEvents(events);
  listener().onSnapshot({ ...run, status: "succeeded" }, 90, true);
  expect(useRun.getState()).toMatchObject({ events: [], journal: null, cursor: null, view: { status: "succeeded", seq: 90 } });
});
