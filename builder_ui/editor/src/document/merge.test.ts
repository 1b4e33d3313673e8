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
  expect(conflicts).toEqual([{ of: "a", path: ["config", "message"], mine: "mine", theirs: "theirs" }]);
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
  const wired: FlowDocument = { ...base, edges: [{ from: "a", to: "b" }] };
  const mine: FlowDocument = { ...wired, nodes: [...base.nodes, { id: "c", type: "log" }] };
  const theirs = flow({ id: "a", type: "log", config: { message: "hi", level: "info" } });
  expect(merged(wired, mine, theirs).document.edges).toEqual([]);
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

test("what one took out of the document by hand is not told apart by the order of its keys", () => {
  const turned = flow({ config: { level: "info", message: "hi" }, type: "log", id: "a" }, { type: "log", id: "b" });
  const mine = flow({ ...base.nodes[0], label: "mine" } as DocumentNode, { id: "b", type: "log" });
  expect(merged(base, mine, turned)).toEqual({ document: mine, conflicts: [] });
});

test("with nothing of mine, theirs is answered itself, and there is nothing to save", () => {
  const theirs = flow({ id: "b", type: "log" }, { id: "new", type: "log" });
  expect(merged(base, base, theirs).document).toBe(theirs);
});

test("a node I removed comes back when they wired it meanwhile, and it is said", () => {
  const mine = flow({ id: "b", type: "log" });
  const theirs: FlowDocument = { ...base, edges: [{ from: "b", to: "a" }] };
  const { document, conflicts } = merged(base, mine, theirs);
  expect(document.nodes.map((node) => node.id).sort()).toEqual(["a", "b"]);
  expect(document.edges).toEqual([{ from: "b", to: "a" }]);
  expect(conflicts).toMatchObject([{ of: "a", removed: "mine" }]);
});

test("a frame they removed comes back for what I put in it", () => {
  const frame: DocumentNode = { id: "each", type: "flow.for_each" };
  const mine = flow(frame, { id: "log", type: "log", parent: "each" });
  const { document } = merged(flow(frame), mine, flow());
  expect(document.nodes.map((node) => node.id).sort()).toEqual(["each", "log"]);
});

test("two frames moved into each other don't hold each other for ever", () => {
  const [one, two]: [DocumentNode, DocumentNode] = [{ id: "one", type: "flow.for_each" }, { id: "two", type: "flow.for_each" }];
  const { document } = merged(flow(one, two), flow({ ...one, parent: "two" }, two), flow(one, { ...two, parent: "one" }));
  expect(document.nodes.map((node) => node.parent ?? null)).toEqual([null, "one"]);
});

test("a place that both moved is mine, and nobody is asked", () => {
  const at = (x: number) => flow({ id: "a", type: "log", position: { x, y: 0 } });
  expect(merged(at(0), at(1), at(2))).toEqual({ document: at(1), conflicts: [] });
});

test("a field that one emptied and the other wrote stays written", () => {
  const with_ = (label?: string) => flow({ id: "a", type: "log", ...(label === undefined ? {} : { label }) });
  expect(merged(with_("was"), with_(), with_("theirs")).document).toEqual(with_("theirs"));
  expect(merged(with_("was"), with_("mine"), with_()).document).toEqual(with_("mine"));
});

test("tests added on both sides are all there", () => {
  const with_ = (...names: string[]): FlowDocument => ({ ...base, tests: names.map((name) => ({ name })) });
  expect(merged(with_("a"), with_("a", "mine"), with_("a", "theirs")).document.tests?.map((test) => test.name)).toEqual(["a", "mine", "theirs"]);
});

test("a save of mine that may have arrived is not taken for another's change", () => {
  const typed = (text: string) => flow({ id: "a", type: "log", config: { message: text, level: "info" } }, { id: "b", type: "log" });
  const added: DocumentNode = { id: "c", type: "log", label: "c" };
  const sent = flow(...typed("h").nodes, added);
  const mine = flow(...typed("hello").nodes, { ...added, label: "see" });
  // It did arrive, and someone wrote on top of it.
  const arrived = flow(...sent.nodes.map((node) => (node.id === "b" ? { ...node, label: "theirs" } : node)));
  const { document, conflicts } = merged([base, sent], mine, arrived);
  expect(document.nodes.map((node) => node.label ?? node.config?.message)).toEqual(["hello", "theirs", "see"]);
  expect(conflicts).toEqual([]);
  // It did not arrive: what was in it alone is not taken for removed.
  const without = flow(...base.nodes.map((node) => (node.id === "b" ? { ...node, label: "theirs" } : node)));
  expect(merged([base, sent], sent, without).document.nodes.map((node) => node.id)).toEqual(["a", "b", "c"]);
});

const words = fc.string({ maxLength: 3 });
const node = fc.record({ label: words, config: fc.dictionary(fc.constantFrom("message", "level", "x"), words) }, { requiredKeys: [] });
const several = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), node).map((parts): FlowDocument =>
  flow(...Object.entries(parts).map(([id, part]) => ({ id, type: "log", ...part }))),
);
const of = (document: FlowDocument, id: string) => document.nodes.find((each) => each.id === id);

test("of two people who change different nodes neither loses anything", () => {
  fc.assert(
    fc.property(several, several, several, (before, left, right) => {
      // Mine touches a, b and c alone; theirs only the others.
      const mineIs = (id: string) => "abc".includes(id);
      const mine = flow(...left.nodes.filter((each) => mineIs(each.id)), ...before.nodes.filter((each) => !mineIs(each.id)));
      const theirs = flow(...before.nodes.filter((each) => mineIs(each.id)), ...right.nodes.filter((each) => !mineIs(each.id)));
      const { document, conflicts } = merged(before, mine, theirs);
      for (const id of "abcde") expect(of(document, id), id).toEqual(of(mineIs(id) ? left : right, id));
      expect(conflicts).toEqual([]);
    }),
  );
});

test("whoever saves first, both come to the same fields, but for what is reported", () => {
  fc.assert(
    fc.property(several, several, several, (before, left, right) => {
      const one = merged(before, left, right);
      const other = merged(before, right, left);
      const told = new Set([...one.conflicts, ...other.conflicts].map((conflict) => conflict.of));
      for (const id of "abcde") if (!told.has(id)) expect(of(one.document, id), id).toEqual(of(other.document, id));
    }),
  );
});

test("every word typed by either stands in the merge, or is reported with both values", () => {
  const at = (document: FlowDocument, id: string, key: string) => of(document, id)?.config?.[key];
  fc.assert(
    fc.property(several, several, several, (before, mine, theirs) => {
      const { document, conflicts } = merged(before, mine, theirs);
      const isReported = (id: string, key: string) =>
        conflicts.some((conflict) => conflict.of === id && (conflict.path.length === 0 || conflict.path.join("/") === "config" || conflict.path.join("/") === `config/${key}`));
      for (const id of "abcde")
        for (const key of ["message", "level", "x"])
          for (const side of [mine, theirs]) {
            const typed = at(side, id, key);
            if (typed === undefined || typed === at(before, id, key)) continue;
            if (at(document, id, key) !== typed) expect(isReported(id, key), `${id}.${key}`).toBe(true);
          }
    }),
  );
});
