import Elk from "elkjs/lib/elk.bundled.js";
import { expect, test } from "vitest";
import { applyAll } from "./apply";
import { groupsOf, lyingOn } from "./groups";
import { tidied, type ElkNode, type Layered } from "./layout";
import { boxesOf, type Box } from "./places";
import type { FlowDocument } from "./types";

const kernel = new Elk();
const layered: Layered = (graph) => kernel.layout<{ id: string } & ElkNode>(graph);

const at = (x: number, y: number) => ({ position: { x, y } });
/** `a -> b -> c -> d`, in a heap; `b` and `c` are a group, `why` stands by `d`. */
const heap: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "a", type: "log", ...at(40, 500) },
    { id: "b", type: "log", ...at(900, 0) },
    { id: "c", type: "log", ...at(1_000, 120) },
    { id: "d", type: "log", ...at(0, 0) },
  ],
  edges: [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "c", to: "d" }],
  notes: [{ id: "pay", ...at(860, -60), width: 440, height: 320 }, { id: "why", ...at(8, 104) }],
};
const boxes = (document: FlowDocument): Map<string, Box> => boxesOf(document, () => false);
const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

async function tidy(document: FlowDocument, only: ReadonlySet<string> = new Set()): Promise<FlowDocument> {
  const { positions, sizes } = await tidied(document, boxes(document), layered, () => ["out"], only);
  return applyAll(document, [{ kind: "move", positions }, ...Object.entries(sizes).map(([id, patch]) => ({ kind: "update_note" as const, id, patch }))]);
}
const place = (document: FlowDocument, id: string) => [...document.nodes, ...(document.notes ?? [])].find((item) => item.id === id)?.position;

test("what is tidied stands in the order of its arrows, and a group still holds what it held and nothing else", async () => {
  expect([...groupsOf(heap, boxes(heap))]).toEqual([["pay", ["b", "c"]]]);
  const after = await tidy(heap);
  const x = ["a", "b", "c", "d"].map((id) => place(after, id)?.x ?? NaN);
  expect(x).toEqual([...x].sort((one, other) => one - other));
  expect([...groupsOf(after, boxes(after))]).toEqual([["pay", ["b", "c"]]]);
  const [group] = after.notes ?? [];
  const frame = { ...(group?.position ?? { x: NaN, y: NaN }), width: group?.width ?? 0, height: group?.height ?? 0 };
  for (const id of ["a", "d"]) expect(overlap(frame, boxes(after).get(id) as Box), id).toBe(false);
});

test("a note moves along with what it stands by, in a selection too; what is not selected stays, and a group that is only part of it", async () => {
  const after = await tidy(heap, new Set(["c", "d"]));
  expect([place(after, "a"), place(after, "b"), place(after, "pay")]).toEqual([place(heap, "a"), place(heap, "b"), place(heap, "pay")]);
  const by = (document: FlowDocument): number[] => [(place(document, "why")?.x ?? 0) - (place(document, "d")?.x ?? 0), (place(document, "why")?.y ?? 0) - (place(document, "d")?.y ?? 0)];
  expect(place(after, "d")).not.toEqual(place(heap, "d"));
  expect(by(after)).toEqual(by(heap));
});

test("groups in groups, and in containers, hold afterwards what they held", async () => {
  const nested: FlowDocument = {
    ...heap,
    nodes: [...heap.nodes, { id: "loop", type: "flow.for_each", ...at(0, 900) }, { id: "p", type: "log", parent: "loop", ...at(600, 900) }, { id: "q", type: "log", parent: "loop", ...at(0, 900) }],
    edges: [...heap.edges, { from: "d", to: "loop" }, { from: "p", to: "q" }],
    notes: [...(heap.notes ?? []), { id: "all", ...at(800, -120), width: 600, height: 500 }, { id: "in", parent: "loop", ...at(560, 860), width: 300, height: 160 }],
  };
  const stand = (document: FlowDocument) => boxesOf(document, (node) => node.id === "loop");
  const { positions, sizes } = await tidied(nested, stand(nested), layered, () => ["out"]);
  const after = applyAll(nested, [{ kind: "move", positions }, ...Object.entries(sizes).map(([id, patch]) => ({ kind: "update_note" as const, id, patch }))]);
  expect(Object.keys(sizes).sort()).toEqual(["all", "in", "pay"]);
  for (const id of ["pay", "all", "in"]) expect(lyingOn(after, [id], stand(after)), id).toEqual(lyingOn(nested, [id], stand(nested)));
});
