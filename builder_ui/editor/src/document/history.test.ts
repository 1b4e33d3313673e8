import fc from "fast-check";
import { expect, test } from "vitest";
import { apply } from "./apply";
import { beginHistory, canRedo, canUndo, present, recorded, redone, undoLabel, undone, type History } from "./history";
import type { Operation, OperationOf } from "./operation";
import { edgeKey, EMPTY_DOCUMENT, type FlowDocument, type Json } from "./types";

const id = fc.constantFrom("a", "b", "c", "d", "loop");
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });
const place = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }) });
const edge = fc.record({ from: id, to: id, port: fc.constantFrom("out", "error", "true", "compensate") });
const node = fc.record({ id, type: fc.constantFrom("log", "flow.for_each", "trigger.manual"), position: place });

const noteId = fc.constantFrom("note_1", "note_2");
const json = fc.jsonValue() as fc.Arbitrary<Json>;
const fragment = fc.record({ nodes: fc.array(node, { maxLength: 3 }), notes: fc.uniqueArray(noteId, { maxLength: 2 }), pins: fc.dictionary(id, json, { maxKeys: 2 }) }).map(({ nodes, notes, pins }) => {
  const own = [...new Map(nodes.map((each) => [each.id, each])).values()];
  const edges = own.slice(1).map((each, at) => ({ from: own[at]?.id ?? each.id, to: each.id }));
  return { nodes: own, edges, notes: notes.map((each) => ({ id: each, position: { x: 0, y: 0 }, text: "" })), pins };
});

/** How each kind of edit may come. A kind that is missing here doesn't pass the types. */
const kinds: { [K in Operation["kind"]]: fc.Arbitrary<OperationOf<K>> } = {
  add_fragment: fragment.map((each) => ({ kind: "add_fragment", fragment: each })),
  remove: fc.record({ nodes: ids, notes: fc.uniqueArray(noteId) }).map((one) => ({ kind: "remove", ...one })),
  remove_and_reconnect: ids.map((nodes) => ({ kind: "remove_and_reconnect", nodes })),
  detach: ids.map((nodes) => ({ kind: "detach", nodes })),
  move: fc.dictionary(fc.oneof(id, noteId), place).map((positions) => ({ kind: "move", positions })),
  set_parent: fc.record({ nodes: ids, parent: fc.option(id) }).map((one) => ({ kind: "set_parent", ...one, positions: {} })),
  update_node: fc.record({ id, label: fc.string() }).map((one) => ({ kind: "update_node", id: one.id, patch: { label: one.label } })),
  set_config: fc.record({ id, key: fc.string(), value: json }).map((one) => ({ kind: "set_config", id: one.id, path: [one.key], value: one.value })),
  rename_node: fc.record({ from: id, to: id }).map((one) => ({ kind: "rename_node", ...one })),
  connect: edge.map((each) => ({ kind: "connect", edge: each })),
  disconnect: edge.map((each) => ({ kind: "disconnect", edges: [edgeKey(each)] })),
  splice: fc.record({ edge, node: id }).map((one) => ({ kind: "splice", edge: edgeKey(one.edge), node: one.node, port: "out" })),
  update_note: fc.record({ id: noteId, text: fc.string() }).map((one) => ({ kind: "update_note", id: one.id, patch: { text: one.text } })),
  update_flow: fc.record({ name: fc.string() }).map((patch) => ({ kind: "update_flow", patch })),
  update_settings: fc.record({ timeout: fc.constantFrom("1h", "2h", undefined) }).map((patch) => ({ kind: "update_settings", patch })),
  set_pin: fc.record({ id, value: json }).map((one) => ({ kind: "set_pin", ...one })),
  put: fc.oneof(
    fc.record({ of: id, key: fc.string(), value: json }).map((one): OperationOf<"put"> => ({ kind: "put", of: one.of, path: ["config", one.key], value: one.value })),
    fc.record({ of: id, parent: fc.option(id) }).map((one): OperationOf<"put"> => ({ kind: "put", of: one.of, path: ["parent"], value: one.parent })),
    fc.record({ of: noteId, text: fc.string() }).map((one): OperationOf<"put"> => ({ kind: "put", of: one.of, path: ["text"], value: one.text })),
    fc.constantFrom("1h", undefined).map((timeout): OperationOf<"put"> => ({ kind: "put", of: null, path: ["settings", "timeout"], value: timeout })),
  ),
  replace: fragment.map(({ nodes, edges, notes }) => ({ kind: "replace", document: { dsl: 1, nodes: nodes.map((each) => ({ ...each })), edges, notes } })),
};
const operation: fc.Arbitrary<Operation> = fc.oneof(...(Object.values(kinds) as fc.Arbitrary<Operation>[]));

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
