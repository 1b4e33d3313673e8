import { expect, test } from "vitest";
import { countOf } from "./selection";
import type { FlowDocument } from "./types";

const document: FlowDocument = {
  dsl: 1,
  nodes: ["a", "b", "c"].map((id) => ({ id, type: "log" })),
  edges: [{ from: "a", to: "b" }, { from: "b", to: "c" }],
  notes: [{ id: "n", position: { x: 0, y: 0 } }],
};

test("two cards that a lasso goes around are two, whatever arrows lie between them", () => {
  expect(countOf({ nodes: ["a", "b"], edges: ["a:out>b"], notes: [] }, document)).toBe(2);
});

test("an arrow that leads away from what was chosen was chosen for itself, and so was a note", () => {
  expect(countOf({ nodes: ["a", "b"], edges: ["a:out>b", "b:out>c"], notes: ["n"] }, document)).toBe(4);
  expect(countOf({ nodes: [], edges: ["a:out>b"], notes: [] }, document)).toBe(1);
});
