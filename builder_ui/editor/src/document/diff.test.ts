import { expect, test } from "vitest";
import { united } from "./diff";
import { edgeKey, type FlowDocument } from "./types";

const before: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "old", type: "log", position: { x: 300, y: 0 } },
    { id: "kept", type: "log", position: { x: 600, y: 0 }, config: { message: "a", level: "info" } },
    { id: "still", type: "log", position: { x: 900, y: 0 } },
  ],
  edges: [{ from: "start", to: "old" }, { from: "old", to: "kept" }, { from: "kept", to: "still" }],
};
const after: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "kept", type: "log", position: { x: 600, y: 80 }, config: { level: "info", message: "b" } },
    { id: "still", type: "log", position: { x: 900, y: 80 } },
    { id: "new", type: "log", position: { x: 300, y: 200 } },
  ],
  edges: [{ from: "start", to: "kept" }, { from: "kept", to: "still" }],
};

test("what was taken away stands again where it stood, beside what came after", () => {
  const both = united(before, after);
  expect(both.nodes.map((node) => node.id)).toEqual(["start", "kept", "still", "new", "old"]);
  expect(both.nodes.find((node) => node.id === "kept")?.config).toEqual({ level: "info", message: "b" });
  expect(both.edges.map(edgeKey)).toEqual(["start:out>kept", "kept:out>still", "start:out>old", "old:out>kept"]);
});
