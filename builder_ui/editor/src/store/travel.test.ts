import { expect, test, vi } from "vitest";
import type { Moment } from "@/api/past";
import type { Run, RunEvent } from "@/api/types";
import { beginning, folded, viewOf } from "./fold";
import { overlay } from "./overlay";
import { PAGE, pastOf, type Journal } from "./travel";

const run: Run = {
  id: "r",
  flow: "f",
  version: 1,
  status: "succeeded",
  input: {},
  output: null,
  error: null,
  created_at: "2026-01-01T00:00:00Z",
  started_at: "2026-01-01T00:00:00Z",
  finished_at: "2026-01-01T01:00:00Z",
  steps: [{ key: "each", node: "each", status: "succeeded", attempt: 1, started_at: null, finished_at: null, error: null, items: 50_000 }],
};

const ITEMS = 50_000;
const LAST = 3 + 2 * ITEMS;
const eventAt = (seq: number): RunEvent => {
  const at = new Date(Date.UTC(2026, 0, 1) + seq).toISOString();
  const item = Math.floor((seq - 4) / 2);
  if (seq === 1) return { seq, kind: "run_started", step: null, at, data: { trigger: "start" } };
  if (seq === 2) return { seq, kind: "step_started", step: "each", at, data: { attempt: 1 } };
  if (seq === 3) return { seq, kind: "items_listed", step: "each", at, data: { count: ITEMS } };
  return { seq, kind: seq % 2 === 0 ? "step_started" : "step_succeeded", step: `each[${item}]`, at, data: { attempt: 1 } };
};

/** What a server tells of the moment after an event of this journal. */
function momentAt(seq: number): Moment {
  const done = Math.floor((seq - 3) / 2);
  const step = { started_at: null, finished_at: null, error: null, attempt: 1 };
  return {
    seq,
    at: eventAt(seq).at,
    status: "running",
    started_at: eventAt(1).at,
    finished_at: null,
    error: null,
    steps: [
      { ...step, key: "start", node: "start", status: "succeeded" },
      { ...step, key: "each", node: "each", status: "running", items: ITEMS, done },
      ...(seq % 2 === 0 ? [{ ...step, key: `each[${done}]`, node: "each", status: "running" as const }] : []),
    ],
    ended: { each: { succeeded: done } },
  };
}

function journal(): Journal & { asked: { pages: number[]; moments: number[] } } {
  const asked = { pages: [] as number[], moments: [] as number[] };
  return {
    asked,
    events: (after, limit) => {
      asked.pages.push(after);
      return Promise.resolve(Array.from({ length: Math.min(limit, LAST - after) }, (_, at) => eventAt(after + at + 1)));
    },
    moment: (seq) => {
      asked.moments.push(seq);
      return Promise.resolve(momentAt(seq));
    },
  };
}

const document = { dsl: 1, nodes: [{ id: "start", type: "t" }, { id: "each", type: "d" }], edges: [] } as never;

test("a moment near the beginning is folded from it, and walking on fetches no page twice", async () => {
  const source = journal();
  const past = pastOf(viewOf(run, LAST), source);
  const view = await past.at(10);
  expect(view).toMatchObject({ seq: 10, status: "running", finishedAt: null });
  expect([...view.steps.keys()]).toEqual(["each", "start", "each[0]", "each[1]", "each[2]", "each[3]"]);
  for (let seq = 11; seq < 40; seq += 1) expect((await past.at(seq)).seq).toBe(seq);
  expect(source.asked).toEqual({ pages: [0], moments: [] });
});

test("a moment far away costs one question and one page, and shows what folding the whole journal shows", async () => {
  const source = journal();
  const past = pastOf(viewOf(run, LAST), source);
  const view = await past.at(80_007);
  expect(source.asked).toEqual({ pages: [80_000], moments: [80_000] });
  const whole = folded(beginning(viewOf(run, LAST)), Array.from({ length: 80_007 }, (_, at) => eventAt(at + 1)));
  const shown = overlay(document, view).nodes.get("each");
  expect(shown?.progress).toEqual(overlay(document, whole).nodes.get("each")?.progress);
  expect(shown?.progress).toEqual({ done: 40_002, total: ITEMS });
  expect(view.steps.size).toBeLessThan(20);
});

test("going to and fro through a hundred thousand events keeps only a few pages and points", async () => {
  const source = journal();
  const past = pastOf(viewOf(run, LAST), source);
  for (let seq = 3_003; seq < LAST; seq += 2_503) await past.at(seq);
  const before = source.asked.pages.length;
  await past.at(3_003);
  // What was looked at first was let go, and is fetched again.
  expect(source.asked.pages.length).toBeGreaterThan(before);
  expect((await past.at(LAST)).seq).toBe(LAST);
});

test("the last page is asked for again once the run has gone on", async () => {
  let last = 5;
  const events = vi.fn((after: number, limit: number) => Promise.resolve(Array.from({ length: Math.min(limit, last - after) }, (_, at) => eventAt(after + at + 1))));
  const past = pastOf(viewOf(run, 5), { events, moment: (seq) => Promise.resolve(momentAt(seq)) });
  expect((await past.at(5)).seq).toBe(5);
  last = 9;
  expect((await past.at(9)).seq).toBe(9);
  expect((await past.around(7)).map(({ seq }) => seq)).toHaveLength(9);
  expect(events).toHaveBeenCalledTimes(2);
  expect(PAGE).toBeGreaterThan(9);
});
