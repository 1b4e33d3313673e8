import { expect, test } from "vitest";
import { readingOf, sourcesOf } from "./sources";
import type { FlowDocument } from "./types";

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "price", type: "data.set", config: { fields: { total: "{{ input.total }}" } } },
    { id: "loop", type: "flow.for_each", config: { items: "{{ nodes.price.rows }}" } },
    { id: "inner", type: "log", parent: "loop", config: { message: "{{ nodes.price.total }} {{ nodes.gone.x }}" } },
    { id: "last", type: "log", parent: "loop", config: { message: "{{ len(nodes.inner) }}" } },
    { id: "after", type: "log", each: { items: "{{ nodes.loop }}" } },
    { id: "undo", type: "log", config: { message: "{{ nodes.after }}" } },
    { id: "aside", type: "log" },
  ],
  edges: [
    { from: "start", to: "price" },
    { from: "price", to: "loop" },
    { from: "inner", to: "last" },
    { from: "loop", to: "after" },
    { from: "after", port: "compensate", to: "undo" },
  ],
};

test("a node may read what ran before it and before its containers, the nearest first", () => {
  expect(sourcesOf(flow, "last")).toEqual(["price", "inner", "start"]);
  expect(sourcesOf(flow, "after")).toEqual(["loop", "price", "start"]);
  expect(sourcesOf(flow, "start")).toEqual([]);
  expect(sourcesOf(flow, "aside")).toEqual([]);
});

test("who reads whom is told both ways, of nodes that are there", () => {
  expect(readingOf(flow, "price")).toEqual({ reads: [], readers: ["loop", "inner"] });
  expect(readingOf(flow, "inner")).toEqual({ reads: ["price"], readers: ["last"] });
  expect(readingOf(flow, "after")).toEqual({ reads: ["loop"], readers: ["undo"] });
  expect(readingOf(flow, "nobody")).toEqual({ reads: [], readers: [] });
});
