import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeKey, noteKey, outlined, type OutlineRow, type PortsOfNode } from "./outline";
import type { FlowDocument } from "./types";

const ports: PortsOfNode = (node) => (node.type === "flow.if" ? ["true", "false"] : ["out"]);
const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "end", type: "log" },
    { id: "each", type: "flow.for_each" },
    { id: "pack", type: "log", parent: "each" },
    { id: "pick", type: "log", parent: "each" },
    { id: "ask", type: "flow.if" },
    { id: "start", type: "trigger.manual" },
    { id: "undo", type: "log" },
  ],
  edges: [
    { from: "ask", port: "true", to: "each" },
    { from: "each", to: "end" },
    { from: "start", to: "ask" },
    { from: "pick", to: "pack" },
    { from: "each", port: "compensate", to: "undo" },
  ],
};
const said = (row: OutlineRow): string => `${"  ".repeat(row.level - 1)}${row.kind === "node" ? row.node : row.kind === "note" ? `(${row.node})` : row.kind === "edge" ? `${row.port ?? ""}>${row.edge.to}` : `${row.port}?`}`;

describe("the outline", () => {
  test("tells nodes as they run, in each what it holds, its arrows and its free ports", () => {
    expect(outlined(flow, ports).map(said)).toEqual([
      "start",
      "  >ask",
      "ask",
      "  true>each",
      "  false?",
      "each",
      "  pick",
      "    >pack",
      "  pack",
      "  >end",
      "  compensate>undo",
      "end",
      "undo",
    ]);
  });

  test("numbers each row among those beside it, as screen readers say it", () => {
    const rows = outlined(flow, ports);
    const each = rows.find((row) => row.key === nodeKey("each"));
    expect(each).toMatchObject({ at: 3, of: 5, level: 1, isOpen: true });
    expect(rows.filter((row) => row.parent === nodeKey("each")).map(({ at, of }) => [at, of])).toEqual([[1, 4], [2, 4], [3, 4], [4, 4]]);
  });

  test("tells notes after the nodes that they stand among, and numbers them with those", () => {
    const place = { x: 0, y: 0 };
    const rows = outlined({ ...flow, notes: [{ id: "why", position: place }, { id: "inner", position: place, parent: "each" }, { id: "lost", position: place, parent: "gone" }] }, ports);
    expect(rows.map(said).slice(5)).toEqual(["each", "  pick", "    >pack", "  pack", "  (inner)", "  >end", "  compensate>undo", "end", "undo", "(why)", "(lost)"]);
    expect(rows.filter((row) => row.parent === nodeKey("each")).map(({ at, of }) => [at, of])).toEqual([[1, 5], [2, 5], [3, 5], [4, 5], [5, 5]]);
    expect(rows.find((row) => row.key === noteKey("lost"))).toMatchObject({ at: 7, of: 7, isOpen: null });
  });

  test("a closed row hides what stands under it at any depth", () => {
    const rows = outlined(flow, ports, new Set([nodeKey("each")]));
    expect(rows.map((row) => row.node)).not.toContain("pick");
    expect(rows.find((row) => row.key === nodeKey("each"))?.isOpen).toBe(false);
  });

  test("every node and every arrow is told once, and an arrow never leads upwards", () => {
    const documents = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }).map((pairs): FlowDocument => {
      const arrows = new Map(pairs.filter(([a, b]) => a < b).map(([a, b]) => [`${a}>${b}`, { from: `n${a}`, to: `n${b}` }]));
      return { dsl: 1, nodes: Array.from({ length: 12 }, (_, at) => ({ id: `n${11 - at}`, type: "log" })), edges: [...arrows.values()] };
    });
    fc.assert(
      fc.property(documents, (document) => {
        const rows = outlined(document, ports);
        const order = new Map(rows.filter((row) => row.kind === "node").map((row, index) => [row.node, index]));
        expect(order.size).toBe(12);
        expect(rows.filter((row) => row.kind === "edge")).toHaveLength(document.edges.length);
        for (const edge of document.edges) expect(order.get(edge.from)).toBeLessThan(order.get(edge.to) ?? -1);
      }),
    );
  });

  test("a circle, which only text can hold, is told too", () => {
    const document: FlowDocument = { dsl: 1, nodes: [{ id: "a", type: "log" }, { id: "b", type: "log" }], edges: [{ from: "a", to: "b" }, { from: "b", to: "a" }] };
    expect(outlined(document, ports).filter((row) => row.kind === "node")).toHaveLength(2);
  });
});
