import { beforeEach, describe, expect, test } from "vitest";
import type { Canary } from "@/api/types";
import { speak, withWords } from "@/i18n";
import { holding, nextShare, rowsOf } from "./figures";

const canary: Canary = {
  version: 3,
  weight: 25,
  steps: [5, 25, 50, 100],
  guards: { error_rate: 0.05, min_runs: 20 },
  figures: { runs: 40, failed: 4, error_rate: 0.1, p99_ms: 1_234, live: { runs: 120, failed: 0, error_rate: 0, p99_ms: 80 } },
};

beforeEach(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});

describe("the figures of a canary", () => {
  test("stand beside the live version's, with the limit of their guard", () => {
    const rows = rowsOf(canary);
    expect(rows.map((row) => [row.canary, row.live, row.limit, row.isOver])).toEqual([
      ["40", "120", "–", false],
      ["4", "0", "–", false],
      ["10 %", "0 %", "5 %", true],
      ["1.2 s", "80 ms", "–", false],
    ]);
  });

  test("an expression that allows no exception has zero as its limit", () => {
    const rows = rowsOf({ ...canary, guards: { expression: "{{ run.output }}" }, figures: { expression_rate: 0.01 } });
    expect(rows).toEqual([{ name: "releases.canary.expressionRate", canary: "1 %", live: "–", limit: "0 %", isOver: true }]);
  });

  test("are spaced as the language spaces them", async () => {
    await speak("ko");
    const rows = rowsOf(canary);
    expect(rows.map((row) => [row.canary, row.live, row.limit])).toEqual([
      ["40", "120", "–"],
      ["4", "0", "–"],
      ["10%", "0%", "5%"],
      ["1.2초", "80ms", "–"],
    ]);
  });
});

describe("the schedule of a canary", () => {
  test("says the next share, the end, or that there is none", () => {
    expect(nextShare(canary)).toBe(50);
    expect(nextShare({ ...canary, weight: 100 })).toBeNull();
    expect(nextShare({ ...canary, steps: [5, 25] })).toBeUndefined();
    expect(nextShare({ ...canary, steps: [] })).toBeUndefined();
  });

  test("holds each share for the guards' runs and minutes", () => {
    expect(holding(canary)).toEqual({ runs: 20, minutes: 60 });
  });
});
