import { describe, expect, test } from "vitest";
import { applyAll } from "@/document/apply";
import type { FlowDocument } from "@/document/types";
import { fixesOf } from "./quickFixes";

const document: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "a", type: "log", on_error: "route", position: { x: 40, y: 80 } },
    { id: "b", type: "log" },
  ],
  edges: [{ from: "a", to: "b", port: "odd" }],
};
const problem = (code: string, node: string | null = null, path = "") => ({ code, node, path, message: "", hint: null });
const fixed = (...args: Parameters<typeof problem>) => applyAll(document, fixesOf(problem(...args), document)[0]?.operations ?? []);

describe("quick fixes", () => {
  test("a flow without a trigger gets one, wired to what nothing leads to", () => {
    const next = fixed("no_trigger");
    expect(next.nodes.at(-1)).toMatchObject({ id: "start", type: "trigger.manual" });
    expect(next.edges).toContainEqual({ from: "start", to: "a" });
    expect(next.edges).toHaveLength(2);
  });

  test("an edge from a port that doesn't exist goes", () => {
    expect(fixed("unknown_port", "a", "/edges/0/port").edges).toEqual([]);
  });

  test("a route without an error edge fails instead", () => {
    expect(fixed("route_without_error", "a").nodes[0]?.on_error).toBeUndefined();
  });

  test("what a person must decide is left to them", () => {
    expect(fixesOf(problem("cycle", "a"), document)).toEqual([]);
  });
});
