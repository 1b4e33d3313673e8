import { describe, expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import type { RunView } from "@/store/fold";
import { lay, noLanes, scaleOf, seqAt, ticksOf, timelineFrom, timelineOf } from "./timeline";

const at = (ms: number): string => new Date(1_700_000_000_000 + ms).toISOString();
let seq = 0;
const event = (kind: string, ms: number, step: string | null = null, data: RunEvent["data"] = {}): RunEvent => ({ seq: ++seq, kind, step, at: at(ms), data });
const view = (finished: number | null): RunView => ({
  id: "r", flow: "f", version: 1, number: 1, status: "running", createdAt: at(0), startedAt: at(0), finishedAt: finished === null ? null : at(finished),
  input: {}, output: null, error: null, seq: 0, parent: null, steps: new Map(),
});

const journal = [
  event("run_started", 0, null, { trigger: "start" }),
  event("step_started", 10, "charge"),
  event("step_retrying", 40, "charge"),
  event("step_started", 100, "charge"),
  event("step_succeeded", 130, "charge"),
  event("step_started", 135, "pause"),
  event("timer_set", 140, "pause"),
  event("step_succeeded", 200, "pause"),
];

describe("the timeline of a run", () => {
  test("tries and waits stand apart, each with its end", () => {
    const { rows } = timelineOf(journal, view(200));
    expect(rows.map((row) => row.node)).toEqual(["start", "charge", "pause"]);
    expect(rows[1]?.bars).toEqual([
      { from: 10, to: 40, kind: "bad" },
      { from: 40, to: 100, kind: "wait" },
      { from: 100, to: 130, kind: "ok" },
    ]);
    expect(rows[2]?.bars.map((bar) => bar.kind)).toEqual(["ok", "wait"]);
  });

  test("what goes on has no end yet, and ends with the run at the latest", () => {
    const going = [event("run_started", 0), event("step_started", 5, "a")];
    expect(timelineOf(going, view(null)).rows[0]?.bars).toEqual([{ from: 5, to: null, kind: "run" }]);
    expect(timelineOf(going, view(50)).rows[0]?.bars).toEqual([{ from: 5, to: 50, kind: "run" }]);
  });

  test("the steps of one node are one row, and the one that failed is the one to open", () => {
    const many = [event("run_started", 0), ...[0, 1, 2].flatMap((n) => [event("step_started", n, `each[${n}]/pack`), event(n === 1 ? "step_failed" : "step_succeeded", n + 1, `each[${n}]/pack`)])];
    const { rows } = timelineOf(many, view(4));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ node: "pack", count: 3, key: "each[1]/pack" });
  });

  test("a step that was done for three items counts three, not itself besides", () => {
    const before = [event("run_started", 0), event("step_started", 0, "pack")];
    const items = [0, 1, 2].flatMap((n) => [event("step_started", n, `pack[${n}]`), event("step_succeeded", n + 1, `pack[${n}]`)]);
    const { rows } = timelineOf([...before, ...items, event("step_succeeded", 4, "pack")], view(5));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ node: "pack", count: 3 });
  });

  test("a thousand bars are drawn as few", () => {
    const many = Array.from({ length: 1_000 }, (_, n) => [event("step_started", n, `each[${n}]`), event("step_succeeded", n + 1, `each[${n}]`)]).flat();
    expect(timelineOf(many, view(2_000)).rows[0]?.bars.length).toBeLessThanOrEqual(60);
  });

  test("marks of the axis are round and few", () => {
    expect(ticksOf(930, 6)).toEqual([0, 200, 400, 600, 800]);
    expect(ticksOf(0, 6)).toEqual([0]);
  });

  test("a moment finds the last event before it", () => {
    const lanes = noLanes();
    lay(lanes, journal);
    expect(seqAt(lanes, 50)).toBe(3);
    expect(seqAt(lanes, -1)).toBeNull();
    expect(seqAt(lanes, 10_000)).toBe(8);
  });

  test("a journal laid piece by piece is the same line, and what lies there is passed over", () => {
    const lanes = noLanes();
    for (let end = 1; end <= journal.length; end += 1) lay(lanes, journal.slice(Math.max(0, end - 2), end));
    expect(timelineFrom(lanes, view(200))).toEqual(timelineOf(journal, view(200)));
  });

  test("of a very long journal a moment is found nearly, and little is kept", () => {
    const lanes = noLanes();
    for (let from = 0; from < 100_000; from += 1_000) {
      lay(lanes, Array.from({ length: 1_000 }, (_, at) => ({ seq: from + at + 1, kind: at % 2 === 0 ? "step_started" : "step_succeeded", step: `pack[${(from + at) >> 1}]`, at: new Date(1_700_000_000_000 + from + at).toISOString(), data: {} })));
    }
    expect(Math.abs((seqAt(lanes, 70_000) ?? 0) - 70_001)).toBeLessThan(40);
    expect(lanes.clock.marks.length).toBeLessThanOrEqual(4_096);
    const { rows } = timelineFrom(lanes, view(100_000));
    expect(rows[0]).toMatchObject({ node: "pack", count: 50_000 });
    expect(rows[0]?.bars.length).toBeLessThanOrEqual(60);
    expect(lanes.rows.get("pack")?.closed.length).toBeLessThanOrEqual(600);
  });

  test("a failure among very many bars is not lost in the band", () => {
    const many = Array.from({ length: 1_000 }, (_, n) => [event("step_started", n * 5, `each[${n}]`), event(n === 500 ? "step_failed" : "step_succeeded", n * 5 + 1, `each[${n}]`)]).flat();
    const bars = timelineOf(many, view(6_000)).rows[0]?.bars ?? [];
    expect(bars.length).toBeLessThanOrEqual(60);
    expect(bars.some((bar) => bar.kind === "bad" && bar.from <= 2_500 && (bar.to ?? 0) >= 2_500)).toBe(true);
  });
});

test("a row upon which nothing was laid is the same as before; what goes on ends anew with the run", () => {
  const lanes = noLanes();
  lay(lanes, journal);
  const before = timelineFrom(lanes, view(null)).rows;
  lay(lanes, [event("step_started", 210, "tell")]);
  const after = timelineFrom(lanes, view(null)).rows;
  expect(after.slice(0, 3).every((row, at) => row === before[at])).toBe(true);
  expect(after[3]).toMatchObject({ node: "tell", bars: [{ from: 210, to: null }] });
  const ended = timelineFrom(lanes, view(400)).rows;
  expect(ended[2]).toBe(before[2]);
  expect(ended[3]?.bars).toEqual([{ from: 210, to: 400, kind: "run" }]);
});

test("the axis of a run that goes on grows in strides and is never outgrown", () => {
  expect(scaleOf(0)).toBe(1_000);
  expect(scaleOf(1_100)).toBe(scaleOf(1_240));
  for (const elapsed of [900, 1_251, 90_000, 86_400_000]) expect(scaleOf(elapsed)).toBeGreaterThanOrEqual(elapsed);
});
