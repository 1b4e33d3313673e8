import { expect, test } from "vitest";
import { blank } from "@/store/fold";
import { countsOf, freshened, holderOf, shownOrder } from "./items";

test("what failed stands first, then what is open, each in its own order", () => {
  expect(shownOrder("srfpwfxu", false)).toEqual([2, 5, 7, 1, 4, 0, 3, 6]);
  expect(shownOrder("srfpwfxu", true)).toEqual([2, 5, 7]);
});

test("a hundred thousand items are ordered at once", () => {
  expect(shownOrder(`${"s".repeat(99_999)}f`, false)[0]).toBe(99_999);
});

test("items are counted by how they stand", () => {
  expect(countsOf("ssfsp")).toEqual([
    ["failed", 1],
    ["succeeded", 3],
    ["pending", 1],
  ]);
});

test("a step knows the list it belongs to, through walls and within other lists", () => {
  expect(holderOf("pack", true)).toEqual({ holder: "pack", item: null });
  expect(holderOf("pack[7]", false)).toEqual({ holder: "pack", item: 7 });
  expect(holderOf("loop[3]/charge", false)).toEqual({ holder: "loop", item: 3 });
  expect(holderOf("loop[3]/inner[2]/charge", false)).toEqual({ holder: "loop[3]/inner", item: 2 });
  expect(holderOf("charge", false)).toBeNull();
  expect(holderOf("attempt/charge", false)).toBeNull();
});

test("what was told since the answer is in the states, and nothing older", () => {
  const step = (key: string, status: "failed" | "running" | "succeeded", seq: number) => ({ ...blank(key), status, seq });
  const items = { seq: 10, total: 4, states: "sspp", inside: [] as string[] };
  expect(freshened(items, "pack", [step("pack[2]", "running", 11), step("pack[0]", "failed", 9), step("pack[3]", "failed", 12), step("other[1]", "failed", 12)])).toBe("ssrf");
});

test("one step of an item that has several says that it runs, not that the item ended", () => {
  const items = { seq: 10, total: 2, states: "pp", inside: ["a", "b"] };
  expect(freshened(items, "loop", [{ ...blank("loop[0]/a"), status: "succeeded", seq: 11 }])).toBe("pp");
  expect(freshened(items, "loop", [{ ...blank("loop[0]/a"), status: "running", seq: 11 }])).toBe("rp");
});
