/**
 * A part of a flow taken out into a flow of its own, with a call in its place.
 *
 * The two together do what the one did: what the part read of its flow it is handed as input, what the flow read of
 * the part comes back as output, and every expression on both sides says so. Where that can't be promised it is
 * refused, with whom it is about.
 */
import { COMPENSATE } from "../graph";
import { freeId, idFrom, idsOf } from "../ids";
import { CARD, GAP, placeOf } from "../places";
import { isObject, same } from "../same";
import { edgeKey, portOf, type Case, type DocumentEdge, type DocumentNode, type FlowDocument, type Json, type JsonObject, type Position } from "../types";
import { crossingOf, type Crossing } from "./crossing";
import { mentionsOf, rewritten } from "./mentions";
import type { Extraction, Refused } from "./outcome";
import { partOf, refused, type Part } from "./part";
import { textsOf, withTexts, type FactsOf } from "./texts";

export interface Wish {
  /** What the new flow is called. */
  name: string;
  /** What the call names it by: its name, or its id where that isn't the only one of its name. */
  flow: string;
  notes?: readonly string[];
}

export function extracted(document: FlowDocument, selected: Iterable<string>, wish: Wish, factsOf: FactsOf): Extraction | Refused {
  const part = partOf(document, selected, factsOf);
  if ("reason" in part) return part;
  const crossing = crossingOf(document, part, factsOf);
  if ("reason" in crossing) return crossing;
  const given = givenBack(document, part, factsOf);
  if ("reason" in given) return given;
  const notes = new Set((document.notes ?? []).filter((note) => (note.parent != null ? part.inside.has(note.parent) : wish.notes?.includes(note.id))).map((note) => note.id));
  const call = given.keeps ?? freeId(idFrom(wish.name, "call"), idsOf(document));
  return {
    child: childOf(document, part, crossing, given.outputs, wish.name, notes, factsOf),
    ...parentOf(document, part, crossing, given.outputs, { ...wish, call }, notes, factsOf),
    call,
    inputs: crossing.inputs,
    outputs: given.outputs,
  };
}

interface Given {
  outputs: readonly string[];
  /** The call takes this node's id: the flow's output is told by it. */
  keeps: string | null;
}

/** Which outputs of the part are read outside it, or are the flow's own. */
function givenBack(document: FlowDocument, part: Part, factsOf: FactsOf): Given | Refused {
  const read = new Set<string>();
  const tops = new Set(part.tops.map((node) => node.id));
  for (const node of document.nodes) {
    if (part.inside.has(node.id)) continue;
    for (const { text } of textsOf(node, [], factsOf(node))) {
      for (const mention of mentionsOf(text) ?? []) {
        if (mention.root !== "nodes") continue;
        if (mention.key === null) return refused("dynamic", [node.id]);
        if (tops.has(mention.key)) read.add(mention.key);
      }
    }
  }
  const leads = new Set(document.edges.filter((edge) => portOf(edge) !== COMPENSATE).map((edge) => edge.from));
  const undos = new Set(document.edges.filter((edge) => portOf(edge) === COMPENSATE).map((edge) => edge.to));
  const ends = document.nodes.filter((node) => (node.parent ?? null) === part.parent && !leads.has(node.id) && !undos.has(node.id) && factsOf(node).role !== "trigger");
  const own = ends.filter((node) => tops.has(node.id)).map((node) => node.id);
  const outputs = part.tops.map((node) => node.id).filter((id) => read.has(id) || own.includes(id));
  const [only] = own;
  if (only === undefined) return { outputs, keeps: null };
  // A call that leads on is no end, and the flow's output would tell nothing of them.
  if (part.leaving.length > 0) return refused("ends", own);
  const isAlone = outputs.length === 1;
  // Beside other ends the flow's output tells each by its id; alone it is the output itself.
  if (own.length < ends.length) return isAlone ? { outputs, keeps: only } : refused("ends", own);
  return outputs.length === own.length ? { outputs, keeps: null } : refused("ends", own);
}

/** The nodes with places of their own: those that were never placed stood in order. */
function placed(document: FlowDocument): ReadonlyMap<string, Position> {
  return new Map(document.nodes.map((node, index) => [node.id, placeOf(node, index)]));
}

function childOf(document: FlowDocument, part: Part, crossing: Crossing, outputs: readonly string[], name: string, notes: ReadonlySet<string>, factsOf: FactsOf): FlowDocument {
  const places = placed(document);
  const held = document.nodes.filter((node) => part.inside.has(node.id));
  const corner = cornerOf(held.map((node) => places.get(node.id) ?? { x: 0, y: 0 }));
  const moved = ({ x, y }: Position): Position => ({ x: x - corner.x + CARD.width + GAP.x, y: y - corner.y });
  const tops = new Set(part.tops.map((node) => node.id));
  const entries = new Set(part.entries.map((node) => node.id));
  const taken = new Set(held.map((node) => node.id));
  const start = freeId("start", taken);
  taken.add(start);

  const nodes = held.map((node) => {
    const { parent: _parent, join, ...rest } = crossing.carried(node);
    const own: DocumentNode = { ...rest, position: moved(places.get(node.id) ?? { x: 0, y: 0 }) };
    if (join !== undefined && !(entries.has(node.id) && part.join !== undefined)) own.join = join;
    if (!tops.has(node.id) && node.parent != null) own.parent = node.parent;
    return own;
  });
  const first = nodes.find((node) => entries.has(node.id))?.position ?? { x: 0, y: 0 };
  const edges: DocumentEdge[] = [
    ...part.entries.map((node) => ({ from: start, to: node.id })),
    ...document.edges.filter((edge) => part.inside.has(edge.from) && part.inside.has(edge.to)),
  ];
  const result = resultOf(part, outputs, start, taken, factsOf);
  if (result !== null) {
    const right = Math.max(...nodes.map((node) => node.position?.x ?? 0));
    nodes.push({ ...result.node, position: { x: right + CARD.width + GAP.x, y: first.y } });
    edges.push(...result.edges);
  }
  const pins = Object.entries(document.pins ?? {}).filter(([id]) => part.inside.has(id));
  return {
    dsl: 1,
    name,
    inputs: crossing.schema,
    nodes: [{ id: start, type: "trigger.manual", position: { x: 0, y: first.y } }, ...nodes],
    edges,
    notes: (document.notes ?? []).filter((note) => notes.has(note.id)).map((note) => ({ ...note, position: moved(note.position) })),
    pins: Object.fromEntries(pins),
  };
}

const cornerOf = (places: readonly Position[]): Position => ({ x: Math.min(...places.map((place) => place.x)), y: Math.min(...places.map((place) => place.y)) });

/** The node that puts the outputs together; null where the ends of the part give them by themselves. */
function resultOf(part: Part, outputs: readonly string[], start: string, taken: ReadonlySet<string>, factsOf: FactsOf): { node: DocumentNode; edges: DocumentEdge[] } | null {
  const leads = new Set(part.inner.map((edge) => edge.from));
  const ends = part.tops.filter((node) => !leads.has(node.id));
  const isSame = ends.length === outputs.length && ends.every((node) => outputs.includes(node.id));
  if (outputs.length === 0 || isSame) return null;
  const id = freeId("result", taken);
  const [only] = outputs;
  const value: Json = outputs.length === 1 ? `{{ nodes.${only} }}` : Object.fromEntries(outputs.map((each) => [each, `{{ nodes.${each} }}`]));
  const edges = ends.flatMap((node) => portsOf(node, factsOf).map((port): DocumentEdge => (port === "out" ? { from: node.id, to: id } : { from: node.id, port, to: id })));
  // Whatever way was gone, it runs: after the last of them, or at once where all were skipped.
  const isReached = part.ways.every((way) => ends.some((node) => way.runs.has(node.id) && !node.disabled));
  if (!isReached) edges.push({ from: start, to: id });
  return { node: { id, type: "data.transform", config: { value } }, edges };
}

const portsOf = (node: DocumentNode, factsOf: FactsOf): readonly string[] => (node.each ? ["out"] : factsOf(node).ports);

interface Called extends Wish {
  call: string;
}

function parentOf(document: FlowDocument, part: Part, crossing: Crossing, outputs: readonly string[], { call, name, flow }: Called, notes: ReadonlySet<string>, factsOf: FactsOf): Pick<Extraction, "parent" | "tests"> {
  const places = placed(document);
  const given = new Set(outputs);
  const where = part.entries[0] ?? part.tops[0];
  const made: DocumentNode = {
    id: call,
    type: "flow.call",
    label: name,
    position: (where && places.get(where.id)) ?? { x: 0, y: 0 },
    config: { flow, input: Object.fromEntries(crossing.inputs.map((handed) => [handed.name, `{{ ${handed.from} }}`])) },
  };
  if (part.parent !== null) made.parent = part.parent;
  if (part.join !== undefined) made.join = part.join;
  const called = (id: string): string => (outputs.length === 1 ? `nodes.${call}` : `nodes.${call}.${id}`);
  const reading = (node: DocumentNode): DocumentNode =>
    withTexts(node, [], factsOf(node), (text) => rewritten(text, ({ root, key }) => (root === "nodes" && key !== null && given.has(key) ? called(key) : null)));
  const at = document.nodes.findIndex((node) => part.inside.has(node.id));
  const kept = (nodes: readonly DocumentNode[]): DocumentNode[] => nodes.filter((node) => !part.inside.has(node.id)).map(reading);

  const edges = new Map<string, DocumentEdge>();
  for (const edge of document.edges) {
    if (part.inside.has(edge.from) && part.inside.has(edge.to)) continue;
    const drawn: DocumentEdge = part.inside.has(edge.to) ? { ...edge, to: call } : part.inside.has(edge.from) ? { from: call, to: edge.to } : edge;
    if (!edges.has(edgeKey(drawn))) edges.set(edgeKey(drawn), drawn);
  }
  const parent: FlowDocument = { ...document, nodes: [...kept(document.nodes.slice(0, at)), made, ...kept(document.nodes.slice(at))], edges: [...edges.values()] };
  if (document.notes !== undefined) parent.notes = document.notes.filter((note) => !notes.has(note.id));
  if (document.pins !== undefined) parent.pins = Object.fromEntries(Object.entries(document.pins).filter(([id]) => !part.inside.has(id)));
  const tests = (document.tests ?? []).map((test) => without(test, part.inside));
  if (document.tests !== undefined) parent.tests = tests;
  return { parent, tests: tests.filter((test, index) => test !== document.tests?.[index]).map((test) => test.name) };
}

/** A step key is a path of ids, each perhaps with an index. */
const names = (key: string): string[] => key.split("/").map((each) => each.replace(/\[.*$/, ""));

/** The expectations that are told by step keys. */
const BY_STEP = ["steps", "output_of", "attempts", "count", "finished_at"];

/** A test without what it says of steps that are no longer this flow's; the same object where it says nothing of them. */
function without(test: Case, inside: ReadonlySet<string>): Case {
  const isOurs = (key: string): boolean => !names(key).some((id) => inside.has(id));
  const cut = <T>(steps: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(steps).filter(([key]) => isOurs(key)));
  const mocks = test.mocks === undefined ? undefined : cut(test.mocks);
  const expect = test.expect === undefined ? undefined : Object.fromEntries(Object.entries(test.expect).map(([word, told]) => [word, BY_STEP.includes(word) && isObject(told) ? (cut(told) as JsonObject) : told]));
  const next: Case = { ...test, ...(mocks === undefined ? {} : { mocks }), ...(expect === undefined ? {} : { expect }) };
  return same(test, next) ? test : next;
}
