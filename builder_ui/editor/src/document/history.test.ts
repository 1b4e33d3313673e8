import fc from "fast-check";
import { expect, test } from "vitest";
import { apply } from "./apply";
import { beginHistory, canRedo, canUndo, present, recorded, redone, undoLabel, undone, type History } from "./history";
import type { Operation } from "./operation";
import { edgeKey, EMPTY_DOCUMENT, type FlowDocument } from "./types";

const id = fc.constantFrom("a", "b", "c", "d", "loop");
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });
const place = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }) });
const edge = fc.record({ from: id, to: id, port: fc.constantFrom("out", "error", "true", "compensate") });
const node = fc.record({ id, type: fc.constantFrom("log", "flow.for_each", "trigger.manual"), position: place });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ nodes: fc.array(node, { maxLength: 3 }) }).map(({ nodes }): Operation => ({
    kind: "add_fragment",
    fragment: { nodes: [...new Map(nodes.map((each) => [each.id, each])).values()], edges: [], notes: [], pins: {} },
  })),
  ids.map((nodes): Operation => ({ kind: "remove", nodes })),
  ids.map((nodes): Operation => ({ kind: "remove_and_reconnect", nodes })),
  ids.map((nodes): Operation => ({ kind: "detach", nodes })),
  fc.dictionary(id, place).map((positions): Operation => ({ kind: "move", positions })),
  fc.record({ nodes: ids, parent: fc.option(id) }).map(({ nodes, parent }): Operation => ({ kind: "set_parent", nodes, parent, positions: {} })),
  fc.record({ from: id, to: id }).map(({ from, to }): Operation => ({ kind: "rename_node", from, to })),
  edge.map((each): Operation => ({ kind: "connect", edge: each })),
  edge.map((each): Operation => ({ kind: "disconnect", edges: [edgeKey(each)] })),
  fc.record({ edge, node: id }).map((one): Operation => ({ kind: "splice", edge: edgeKey(one.edge), node: one.node, port: "out" })),
  fc.record({ id, value: fc.jsonValue() }).map((one): Operation => ({ kind: "set_pin", id: one.id, value: one.value as never })),
  fc.record({ id, label: fc.string() }).map((one): Operation => ({ kind: "update_node", id: one.id, patch: { label: one.label } })),
  fc.record({ id, key: fc.string(), value: fc.jsonValue() }).map((one): Operation => ({ kind: "set_config", id: one.id, path: [one.key], value: one.value as never })),
);

const edits = fc.array(fc.record({ operation, gesture: fc.option(fc.constantFrom("drag", "type")) }), { maxLength: 40 });

function played(list: readonly { operation: Operation; gesture: string | null }[]): History {
  return list.reduce((history, one) => recorded(history, apply(present(history), one.operation), { key: one.operation.kind }, one.gesture), beginHistory(EMPTY_DOCUMENT));
}

const times = (count: number, step: (history: History) => History, history: History): History =>
  count === 0 ? history : times(count - 1, step, step(history));

test("any edits undone give the document they began with, and done again the same as before", () => {
  fc.assert(
    fc.property(edits, (list) => {
      const history = played(list);
      const text = JSON.stringify(present(history));
      const back = times(history.at, undone, history);
      expect(present(back)).toBe(EMPTY_DOCUMENT);
      expect(canUndo(back)).toBe(false);
      const again = times(history.at, redone, back);
      expect(JSON.stringify(present(again))).toBe(text);
      expect(canRedo(again)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("no edit leaves an arrow without its ends, a twin, or a child without its container's wall", () => {
  fc.assert(
    fc.property(edits, (list) => {
      const document = present(played(list));
      const parents = new Map(document.nodes.map((each) => [each.id, each.parent ?? null]));
      expect(parents.size).toBe(document.nodes.length);
      expect(new Set(document.edges.map(edgeKey)).size).toBe(document.edges.length);
      for (const each of document.edges) {
        expect(parents.has(each.from) && parents.has(each.to)).toBe(true);
        expect(parents.get(each.from)).toBe(parents.get(each.to));
      }
    }),
    { numRuns: 300 },
  );
});

const moved = (x: number): FlowDocument => ({ ...EMPTY_DOCUMENT, nodes: [{ id: "a", type: "log", position: { x, y: 0 } }] });

test("edits of one gesture are one step, with the first one's name", () => {
  let history = beginHistory(EMPTY_DOCUMENT);
  for (const x of [1, 2, 3]) history = recorded(history, moved(x), { key: `move ${x}` }, "drag 1");
  history = recorded(history, moved(9), { key: "another" }, "drag 2");
  expect(history.steps).toHaveLength(3);
  expect(undoLabel(undone(history))).toEqual({ key: "move 1" });
});

test("an edit after an undo forgets what was undone", () => {
  const one = recorded(beginHistory(EMPTY_DOCUMENT), moved(1), { key: "one" });
  const two = recorded(undone(one), moved(2), { key: "two" });
  expect(canRedo(two)).toBe(false);
  expect(present(two)).toEqual(moved(2));
});

test("an edit that changes nothing is no step", () => {
  const history = beginHistory(EMPTY_DOCUMENT);
  expect(recorded(history, EMPTY_DOCUMENT, { key: "nothing" })).toBe(history);
});
