import fc from "fast-check";
import { expect, test } from "vitest";
import { merged } from "./merge";
import type { DocumentNode, FlowDocument } from "./types";

const flow = (...nodes: DocumentNode[]): FlowDocument => ({ dsl: 1, nodes, edges: [], notes: [] });
const base = flow({ id: "a", type: "log", config: { message: "hi", level: "info" } }, { id: "b", type: "log" });

test("changes to different fields of one node both stand", () => {
  const mine = flow({ id: "a", type: "log", config: { message: "mine", level: "info" } }, { id: "b", type: "log" });
  const theirs = flow({ id: "a", type: "log", config: { message: "hi", level: "error" } }, { id: "b", type: "log" });
  const { document, conflicts } = merged(base, mine, theirs);
  expect(document.nodes[0]?.config).toEqual({ message: "mine", level: "error" });
  expect(conflicts).toEqual([]);
});

test("the same field changed by both keeps mine and says where", () => {
  const mine = flow({ id: "a", type: "log", config: { message: "mine", level: "info" } }, { id: "b", type: "log" });
  const theirs = flow({ id: "a", type: "log", config: { message: "theirs", level: "info" } }, { id: "b", type: "log" });
  const { document, conflicts } = merged(base, mine, theirs);
  expect(document.nodes[0]?.config?.message).toBe("mine");
  expect(conflicts).toEqual(["a.config.message"]);
});

test("a node they removed goes, unless I changed it", () => {
  const theirs = flow({ id: "b", type: "log" });
  expect(merged(base, base, theirs).document.nodes.map((node) => node.id)).toEqual(["b"]);
  const mine = flow({ id: "a", type: "log", label: "kept", config: { message: "hi", level: "info" } }, { id: "b", type: "log" });
  expect(merged(base, mine, theirs).document.nodes.map((node) => node.id)).toEqual(["a", "b"]);
});

test("nodes added on both sides are all there", () => {
  const mine = flow(...base.nodes, { id: "mine", type: "log" });
  const theirs = flow(...base.nodes, { id: "theirs", type: "log" });
  expect(merged(base, mine, theirs).document.nodes.map((node) => node.id)).toEqual(["a", "b", "mine", "theirs"]);
});

test("an arrow to a node that went goes too", () => {
  const mine: FlowDocument = { ...base, edges: [{ from: "a", to: "b" }] };
  const theirs = flow({ id: "a", type: "log", config: { message: "hi", level: "info" } });
  expect(merged(base, mine, theirs).document.edges).toEqual([]);
});

const label = fc.string({ maxLength: 3 });
const documents = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d"), label)
  .map((labels) => flow(...Object.entries(labels).map(([id, text]) => ({ id, type: "log", label: text }))));

test("what only one side changed is taken from that side", () => {
  fc.assert(
    fc.property(documents, documents, (before, after) => {
      const sorted = (document: FlowDocument) => [...document.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(sorted(merged(before, after, before).document)).toEqual(sorted(after));
      expect(sorted(merged(before, before, after).document)).toEqual(sorted(after));
    }),
  );
});
