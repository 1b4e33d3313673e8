import { expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import { LONGEST_PAUSE, played } from "./player";

const events = [0, 100, 100, 250, 3_600_000].map((ms, at): RunEvent => ({ seq: at + 11, kind: "step_started", step: "a", at: new Date(1_700_000_000_000 + ms).toISOString(), data: {} }));

test("it goes on by as many events as the time allows, and keeps what is left", () => {
  expect(played(events, 11, 99)).toEqual({ seq: 11, left: 99, isAtEdge: false });
  expect(played(events, 11, 130)).toEqual({ seq: 13, left: 30, isAtEdge: false });
  expect(played(events, 13, 150)).toEqual({ seq: 14, left: 0, isAtEdge: false });
});

test("an hour's sleep is played as a second", () => {
  expect(played(events, 14, LONGEST_PAUSE - 1).seq).toBe(14);
  expect(played(events, 14, LONGEST_PAUSE)).toEqual({ seq: 15, left: 0, isAtEdge: true });
});

test("from before the first event at hand it begins with that", () => {
  expect(played(events, 10, 0).seq).toBe(11);
});
