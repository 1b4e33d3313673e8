import { expect, test } from "vitest";
import { keysOf, typingAt, written } from "./pathBefore";

test.each([
  ["{{ ", { path: [], word: "" }],
  ["{{ no", { path: [], word: "no" }],
  ["{{ nodes.", { path: ["nodes"], word: "" }],
  ["{{ nodes.charge.bo", { path: ["nodes", "charge"], word: "bo" }],
  ["{{ nodes.charge.lines[0].", { path: ["nodes", "charge", "lines", 0], word: "" }],
  ["{{ input['odd key'].x", { path: ["input", "odd key"], word: "x" }],
  ["Order {{ input.a }} and {{ input.", { path: ["input"], word: "" }],
  ["{{ len(input.", { path: ["input"], word: "" }],
  ["{{ input.a + ru", { path: [], word: "ru" }],
])("%s", (before, typing) => {
  expect(typingAt(before)).toEqual(typing);
});

test.each(["plain text", "{{ input.a }} and ", "{{ 'input.", '{{ "a" == "b'])("nothing is offered at: %s", (before) => {
  expect(typingAt(before)).toBeNull();
});

test("a chain is read as its keys, and a key is written as it must be", () => {
  expect(keysOf("nodes.charge[\"body\"][0]")).toEqual(["nodes", "charge", "body", 0]);
  expect(written("body")).toBe(".body");
  expect(written("odd key")).toBe('["odd key"]');
});
