import { expect, test } from "vitest";
import { learned, withLearned } from "./learned";

test("a schema says what stands in a sample, at any depth", () => {
  expect(learned({ id: "A-1", total: 1.5, count: 2, paid: true, gone: null, lines: [{ sku: "tea" }, { sku: "cup", qty: 1 }] })).toEqual({
    type: "object",
    properties: {
      id: { type: "string" },
      total: { type: "number" },
      count: { type: "integer" },
      paid: { type: "boolean" },
      gone: {},
      lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" }, qty: { type: "integer" } } } },
    },
  });
});

test("items of different kinds make no claim", () => {
  expect(learned([1, 2.5])).toEqual({ type: "array", items: { type: "number" } });
  expect(learned([1, "a"])).toEqual({ type: "array" });
  expect(learned([null, "a"])).toEqual({ type: "array", items: { type: "string" } });
  expect(learned([])).toEqual({ type: "array" });
  expect(learned([[1], []])).toEqual({ type: "array", items: { type: "array", items: { type: "integer" } } });
});

test("what a person wrote stays, and nothing is demanded", () => {
  const before = { type: "object", properties: { id: { type: "string", title: "Order" } }, required: ["id"] };
  expect(withLearned(before, { id: 7, total: 3 })).toEqual({ type: "object", properties: { id: { type: "string", title: "Order" }, total: { type: "integer" } }, required: ["id"] });
  expect(withLearned(before, [1])).toBe(before);
});
