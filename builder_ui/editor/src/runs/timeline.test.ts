import { describe, expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import type { RunView } from "@/store/fold";
import { seqAt, ticksOf, timelineOf } from "./timeline";

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
    const items = [0, 1, 2].flatMap((n) => [event("step_started", n, `pack[${n}]`), event("step_succeeded", n + 1, `pack[${n}]`)]);
    const { rows } = timelineOf([event("run_started", 0), event("step_started", 0, "pack"), ...items, event("step_succeeded", 4, "pack")], view(5));
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
    const { start } = timelineOf(journal, view(200));
    expect(seqAt(journal, start, 50)).toBe(3);
    expect(seqAt(journal, start, -1)).toBeNull();
  });
});
