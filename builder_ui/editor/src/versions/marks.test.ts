import { expect, test } from "vitest";
import type { Change } from "@/api/changes";
import { marksOf } from "./marks";

const change = (part: Change["part"], what: Change["what"], id: string, path = ""): Change => ({ part, what, id, path, before: null, after: null });

test("a node bears the weightiest of its changes, an edge its own name in the document", () => {
  const { nodes, edges } = marksOf([
    change("node", "changed", "charge", "/label"),
    change("node", "moved", "charge"),
    change("node", "moved", "ship"),
    change("node", "added", "new"),
    change("edge", "removed", "paid.false>unpaid"),
    change("note", "changed", "n1", "/text"),
  ]);
  expect(Object.fromEntries(nodes)).toEqual({ charge: "changed", ship: "moved", new: "added" });
  expect(Object.fromEntries(edges)).toEqual({ "paid:false>unpaid": "removed" });
});
