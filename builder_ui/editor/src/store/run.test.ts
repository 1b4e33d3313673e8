import { expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import { momentOf } from "./run";

const events: RunEvent[] = [1, 2].map((seq) => ({ seq, kind: "step_started", step: "a", at: new Date(seq * 1_000).toISOString(), data: {} }));

test("the moment that is shown is that of the event under the cursor, and none while it is now", () => {
  expect(momentOf({ cursor: 2, events })).toBe(2_000);
  expect(momentOf({ cursor: null, events })).toBeNull();
});
