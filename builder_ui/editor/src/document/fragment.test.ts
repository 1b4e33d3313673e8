import { expect, test } from "vitest";
import { clipOf, clipText, fitted, fragmentOf } from "./fragment";
import { freeId, idFrom, isId } from "./ids";
import type { FlowDocument } from "./types";

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "outside", type: "log" },
    { id: "loop", type: "flow.for_each" },
    { id: "charge", type: "http.request", parent: "loop" },
    { id: "log", type: "log", parent: "loop", config: { message: "{{ nodes.charge.status }} {{ nodes.outside }}" } },
  ],
  edges: [
    { from: "outside", to: "loop" },
    { from: "charge", to: "log" },
  ],
  notes: [],
  pins: { charge: 1, outside: 2 },
};

test("a copied container brings what it holds, its inner arrows and its pins", () => {
  const fragment = fragmentOf(flow, ["loop"]);
  expect(fragment.nodes.map((node) => node.id)).toEqual(["loop", "charge", "log"]);
  expect(fragment.edges).toEqual([{ from: "charge", to: "log" }]);
  expect(fragment.pins).toEqual({ charge: 1 });
});

test("pasted beside itself it gets new ids, and its inner references follow while outer ones stay", () => {
  const fresh = fitted(fragmentOf(flow, ["loop"]), flow, {});
  expect(fresh.nodes.map((node) => node.id)).toEqual(["loop_2", "charge_2", "log_2"]);
  expect(fresh.nodes.map((node) => node.parent ?? null)).toEqual([null, "loop_2", "loop_2"]);
  expect(fresh.edges).toEqual([{ from: "charge_2", to: "log_2" }]);
  expect(fresh.nodes[2]?.config?.message).toBe("{{ nodes.charge_2.status }} {{ nodes.outside }}");
  expect(fresh.pins).toEqual({ charge_2: 1 });
});

test("copied out of its container a node stands on its own", () => {
  expect(fitted(fragmentOf(flow, ["charge"]), flow, {}).nodes[0]).toMatchObject({ id: "charge_2", parent: null });
});

test("the clipboard's text comes back as it was, a whole document too, and other text is no clip", () => {
  const fragment = fragmentOf(flow, ["loop"]);
  expect(clipOf(clipText(fragment))).toEqual(fragment);
  expect(clipOf(JSON.stringify(flow))?.nodes).toHaveLength(4);
  expect(clipOf("hello")).toBeNull();
  expect(clipOf('{"nodes": [1]}')).toBeNull();
  expect(clipOf('{"mulgil": 1, "nodes": [1, {"id": 2}], "edges": 3}')).toEqual({ nodes: [], edges: [], notes: [], pins: {} });
});

test("ids are readable, free and never a keyword", () => {
  expect(idFrom("Charge card!")).toBe("charge_card");
  expect(idFrom("결제")).toBe("node");
  expect(freeId("if", new Set())).toBe("if_1");
  expect(freeId("log", new Set(["log", "log_2"]))).toBe("log_3");
  expect(freeId("log_2", new Set(["log_2"]))).toBe("log");
  expect(isId("class")).toBe(false);
});
