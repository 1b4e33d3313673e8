import { beforeEach, expect, test, vi } from "vitest";
import type { FeedListener } from "@/api/feed";
import type { Run, RunEvent } from "@/api/types";
import { momentOf, useRun } from "./run";
import { runOf } from "./run.test-data";

const feed = vi.hoisted<{ listener: FeedListener<Run> | null }>(() => ({ listener: null }));
vi.mock("@/api/feed", () => ({
  followRun: (_id: string, listener: FeedListener<Run>) => {
    feed.listener = listener;
    return { close: () => undefined, retry: () => undefined };
  },
}));
const listener = (): FeedListener<Run> => {
  if (feed.listener === null) throw new Error("no run is followed");
  return feed.listener;
};

const events: RunEvent[] = [1, 2].map((seq) => ({ seq, kind: "step_started", step: "a", at: new Date(seq * 1_000).toISOString(), data: {} }));

const run = runOf({ steps: [{ key: "each", node: "each", status: "running", attempt: 1, started_at: null, finished_at: null, error: null }] });

beforeEach(() => useRun.getState().leave());

test("the moment that is shown is that of the event under the cursor, and none while it is now", () => {
  expect(momentOf({ moment: events[1] ?? null })).toBe(2_000);
  expect(momentOf({ moment: null })).toBeNull();
});

test("whoever looks at the past is left there by an announced jump, and what is live goes on behind it", () => {
  useRun.getState().follow("r");
  listener().onSnapshot(run, 0, false);
  listener().onEvents(events);
  const { view } = useRun.getState();
  useRun.setState({ cursor: 1 });
  listener().onSnapshot({ ...run, status: "succeeded" }, 90, true);
  expect(useRun.getState()).toMatchObject({ cursor: 1, view, live: { status: "succeeded", seq: 90 } });
  useRun.getState().lookAt(null);
  expect(useRun.getState()).toMatchObject({ cursor: null, moment: null, view: { status: "succeeded", seq: 90 } });
});

test("of a long run only the newest events are kept, and the fold of all of them", () => {
  useRun.getState().follow("r");
  listener().onSnapshot(run, 0, false);
  for (let page = 0; page < 40; page += 1) {
    listener().onEvents(Array.from({ length: 1_000 }, (_, at) => ({ seq: page * 1_000 + at + 1, kind: "step_succeeded", step: `each[${page * 1_000 + at}]`, at: "2026-01-01T00:00:00Z", data: {} })));
  }
  const { events: held, live } = useRun.getState();
  expect(held.length).toBeLessThanOrEqual(11_000);
  expect(held.at(-1)?.seq).toBe(40_000);
  expect(live?.steps.get("each[7]")?.status).toBe("succeeded");
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

test("after the last event the run stands as now, and no later moment is looked at", () => {
  useRun.getState().follow("r");
  listener().onSnapshot(run, 0, false);
  listener().onEvents(events);
  for (const seq of [2, 3, 99]) {
    useRun.setState({ cursor: 1 });
    useRun.getState().lookAt(seq);
    expect(useRun.getState().cursor).toBeNull();
  }
});
