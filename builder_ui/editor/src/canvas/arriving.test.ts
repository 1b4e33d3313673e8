import { expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { folded, viewOf } from "@/store/fold";
import { overlay, type Overlay } from "@/store/overlay";
import { towards } from "./arriving";
import { pending, runOf } from "@/store/run.test-data";

const ids = Array.from({ length: 9 }, (_, at) => `n${at}`);
const document: FlowDocument = {
  dsl: 1,
  nodes: ids.map((id) => ({ id, type: "log" })),
  edges: ids.slice(1).map((to, at) => ({ from: ids[at] ?? "", to })),
};
const run = runOf({ steps: pending(...ids) });
const begun = viewOf(run, 0);
const events = ids.map((step, at): RunEvent => ({ seq: at + 1, kind: "step_succeeded", step, at: "2026-01-01T00:00:01Z", data: { port: "out" } }));
const [first, last] = [overlay(document, begun), overlay(document, folded(begun, events))];
const turned = ({ nodes }: Overlay): string[] => ids.filter((id) => nodes.get(id)?.status === "succeeded");

test("of the cards that stand a few take on what a run tells in one frame, until all have", () => {
  const way = { document, standing: () => ids.filter((id) => id !== "n7"), most: 3 };
  const one = towards(first, last, way);
  expect(turned(one)).toEqual(["n0", "n1", "n2", "n7"]);
  expect([one.edges.get("n2:out>n3"), one.edges.get("n3:out>n4"), one.edges.get("n7:out>n8")]).toEqual(["taken", "idle", "taken"]);
  const two = towards(one, last, way);
  expect(turned(two)).toEqual(ids.filter((id) => id !== "n6" && id !== "n8"));
  expect(towards(two, last, way)).toBe(last);
});

test("a run that begins comes upon the cards as they were without one", () => {
  const one = towards(null, first, { document, standing: () => ids, most: 3 });
  expect([...one.nodes.keys()]).toEqual(["n0", "n1", "n2"]);
  expect(one.edges.size).toBe(3);
  expect(towards(one, first, { document, standing: () => ids, most: 6 })).toBe(first);
});
