import { beforeAll, expect, test } from "vitest";
import { speak } from "@/i18n";
import { relativeText } from "./time";

beforeAll(() => speak("en"));

/** An instant in the reader's zone. */
const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();

test.each([
  [at(25, 11, 59), "in 2 days"],
  [at(24, 13), "tomorrow"],
  [at(24, 11), "in 23 hours"],
  [at(25, 0, 30), "in 2 days"],
  [at(21, 23), "2 days ago"],
  [at(22, 11), "yesterday"],
  [at(30, 12), "in 7 days"],
])("days are counted as the calendar has them", (then, text) => {
  expect(relativeText(then, at(23, 12))).toBe(text);
});
