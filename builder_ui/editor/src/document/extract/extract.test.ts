import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DocumentNode, FlowDocument } from "../types";
import { chosen, facts } from "./corpus.test-data";
import { extracted } from "./extract";
import { mentionsIn } from "./mentions";
import { isRefused, type Extraction, type Refused } from "./outcome";
import { textsOf } from "./texts";
import { mentionsOf } from "./mentions";

const wish = { name: "Ship it", flow: "Ship it" };
const take = (document: FlowDocument, ...selected: string[]): Extraction | Refused => extracted(document, selected, wish, facts);
const done = (document: FlowDocument, ...selected: string[]): Extraction => {
  const found = take(document, ...selected);
  if (isRefused(found)) throw new Error(`refused: ${found.reason}`);
  return found;
};

const set = (id: string, v: string, more: Partial<DocumentNode> = {}): DocumentNode => ({ id, type: "data.set", config: { fields: { v } }, ...more });
const start: DocumentNode = { id: "start", type: "trigger.manual" };
/** `a > b.true > c`, by ids. */
function drawn(nodes: DocumentNode[], ...paths: string[]): FlowDocument {
  const edges = paths.flatMap((path) => {
    const ids = path.split(" > ");
    return ids.slice(1).map((to, at) => {
      const [from = "", port] = (ids[at] ?? "").split(".");
      return { from, to: to.split(".")[0] ?? "", ...(port === undefined ? {} : { port }) };
    });
  });
  return { dsl: 1, nodes: [start, ...nodes], edges };
}
const configOf = (document: FlowDocument, id: string) => document.nodes.find((node) => node.id === id)?.config;

describe("what crosses the wall", () => {
  const chain = drawn([set("a", "{{ input.id }}"), set("b", "{{ nodes.a.v + input.more }}"), set("c", "{{ nodes.b.v }}"), set("d", "{{ nodes.b.v }} of {{ nodes.c }}")], "start > a > b > c > d");

  test("what the part reads is handed to it, and what is read of it comes back", () => {
    const { parent, child, call, inputs, outputs } = done(chain, "b", "c");
    expect(inputs).toEqual([{ name: "more", from: "input.more" }, { name: "a", from: "nodes.a" }]);
    expect(outputs).toEqual(["b", "c"]);
    expect(configOf(parent, call)).toEqual({ flow: "Ship it", input: { more: "{{ input.more }}", a: "{{ nodes.a }}" } });
    expect(configOf(child, "b")).toEqual({ fields: { v: "{{ input.a.v + input.more }}" } });
    expect(configOf(child, "c")).toEqual({ fields: { v: "{{ nodes.b.v }}" } });
    expect(configOf(parent, "d")).toEqual({ fields: { v: "{{ nodes.ship_it.b.v }} of {{ nodes.ship_it.c }}" } });
    expect(configOf(child, "result")).toEqual({ value: { b: "{{ nodes.b }}", c: "{{ nodes.c }}" } });
    expect(child.edges).toEqual([{ from: "start", to: "b" }, { from: "b", to: "c" }, { from: "c", to: "result" }]);
    expect(parent.edges).toEqual([{ from: "start", to: "a" }, { from: "a", to: "ship_it" }, { from: "ship_it", to: "d" }]);
    expect(child.inputs).toEqual({ type: "object", properties: { more: {}, a: {} }, required: ["more", "a"] });
  });

  test("one output at the end is the sub-flow's output itself", () => {
    const { parent, child, call } = done(drawn([set("a", "1"), set("b", "2"), set("c", "{{ nodes.b.v }}")], "start > a > b > c"), "a", "b");
    expect(child.nodes.map((node) => node.id)).toEqual(["start", "a", "b"]);
    expect(configOf(parent, "c")).toEqual({ fields: { v: `{{ nodes.${call}.v }}` } });
  });

  test("names that meet are told apart, and other roots become inputs too", () => {
    const flow = drawn([set("a", "1"), set("b", "{{ input.a + nodes.a.v + vars.rate }} {{ run.id }} {{ flow.name }}")], "start > a > b");
    const { child, inputs } = done(flow, "b");
    expect(inputs.map(({ name, from }) => `${name} = ${from}`)).toEqual(["a = input.a", "a_2 = nodes.a", "rate = vars.rate", "run_id = run.id", "flow_name = flow.name"]);
    expect(configOf(child, "b")).toEqual({ fields: { v: "{{ input.a + input.a_2.v + input.rate }} {{ input.run_id }} {{ input.flow_name }}" } });
  });

  test("an input that may be missing, or is read as a whole, is handed over as a whole", () => {
    for (const text of ["{{ input.coupon if input.has else 0 }}", "{{ 'coupon' in input }}", "{{ input.get('coupon') }}", "{{ [input.coupon for x in input.rows] }}"]) {
      const { child, inputs } = done(drawn([set("a", text)], "start > a"), "a");
      expect(inputs).toEqual([{ name: "input", from: "input" }]);
      expect(configOf(child, "a")).toEqual({ fields: { v: text.replaceAll(/\binput\b/g, (word) => `input.${word}`) } });
    }
  });

  test("an input that every run has is handed over by its name, with what is known of it", () => {
    const flow = { ...drawn([set("a", "{{ 1 if nodes else input.id }}".replace("nodes", "input.ok"))], "start > a"), inputs: { type: "object", properties: { id: { type: "string", format: "uuid" }, ok: { $ref: "#/$defs/yes" } }, required: ["id", "ok"], $defs: { yes: { type: "boolean" } } } };
    expect(done(flow, "a").child.inputs).toEqual({ type: "object", properties: { ok: { $ref: "#/$defs/yes" }, id: { type: "string", format: "uuid" } }, required: ["ok", "id"], $defs: { yes: { type: "boolean" } } });
  });

  test("what a turn gives is an input where the turn stays outside, and stays what it is where it goes along", () => {
    const flow: FlowDocument = {
      dsl: 1,
      nodes: [start, { id: "rows", type: "flow.for_each", config: { items: "{{ input.rows }}" } }, set("a", "{{ item.n + index }}", { parent: "rows" }), set("own", "{{ item }} {{ nodes.a.v }}", { parent: "rows", each: { items: "{{ item.parts }}" } })],
      edges: [{ from: "start", to: "rows" }, { from: "a", to: "own" }],
    };
    const within = done(flow, "a", "own");
    expect(within.inputs.map(({ name }) => name)).toEqual(["item", "index"]);
    expect(configOf(within.child, "a")).toEqual({ fields: { v: "{{ input.item.n + input.index }}" } });
    expect(within.child.nodes.find((node) => node.id === "own")).toMatchObject({ each: { items: "{{ input.item.parts }}" }, config: { fields: { v: "{{ item }} {{ nodes.a.v }}" } } });
    expect(within.parent.nodes.find((node) => node.id === within.call)?.parent).toBe("rows");
    expect(within.child.nodes.every((node) => node.parent === undefined)).toBe(true);
    const along = done(flow, "rows");
    expect(along.inputs.map(({ name }) => name)).toEqual(["rows"]);
    expect(configOf(along.child, "a")).toEqual({ fields: { v: "{{ item.n + index }}" } });
    expect(along.child.nodes.find((node) => node.id === "a")?.parent).toBe("rows");
  });

  test("text that holds no expressions is left alone", () => {
    const flow = drawn([set("a", "1"), { id: "code", type: "code.python", config: { code: "x = '{{ nodes.a }}'", input: "{{ nodes.a }}" } }], "start > a > code");
    expect(configOf(done(flow, "code").child, "code")).toEqual({ code: "x = '{{ nodes.a }}'", input: "{{ input.a }}" });
  });

  test("pins, notes and places go along, and tests forget what is no longer theirs", () => {
    const flow: FlowDocument = {
      ...chain,
      pins: { a: 1, b: 2 },
      notes: [{ id: "said", position: { x: 0, y: 0 } }, { id: "other", position: { x: 0, y: 0 } }],
      tests: [{ name: "one", mocks: { a: [{}], b: [{}] }, expect: { steps: { c: "succeeded", d: "succeeded" }, run: "succeeded" } }, { name: "two", mocks: { a: [] } }],
    };
    const { parent, child, tests } = extracted(flow, ["b", "c"], { ...wish, notes: ["said"] }, facts) as Extraction;
    expect([parent.pins, child.pins]).toEqual([{ a: 1 }, { b: 2 }]);
    expect([parent.notes?.map((note) => note.id), child.notes?.map((note) => note.id)]).toEqual([["other"], ["said"]]);
    expect(tests).toEqual(["one"]);
    expect(parent.tests?.[0]).toEqual({ name: "one", mocks: { a: [{}] }, expect: { steps: { d: "succeeded" }, run: "succeeded" } });
    expect(parent.tests?.[1]).toBe(flow.tests?.[1]);
    expect(child.nodes.every((node) => node.position !== undefined)).toBe(true);
  });

  test("several ways in from one place, and ways that meet again, are one call", () => {
    const flow = drawn([{ id: "if_1", type: "flow.if", config: { condition: "{{ input.a }}" } }, set("yes", "1"), set("no", "2"), set("after", "{{ nodes.yes }} {{ nodes.no }}"), set("end", "{{ nodes.after.v }}")], "start > if_1.true > yes > after > end", "if_1.false > no > after");
    const { parent, child } = done(flow, "if_1", "yes", "no", "after");
    expect(parent.edges).toEqual([{ from: "start", to: "ship_it" }, { from: "ship_it", to: "end" }]);
    expect(child.edges).toHaveLength(5);
    const fan = drawn([set("a", "1"), set("b", "2"), set("c", "{{ nodes.a.v }} {{ nodes.b.v }}")], "start > a > c", "start > b > c");
    expect(done(fan, "a", "b").parent.edges).toEqual([{ from: "start", to: "ship_it" }, { from: "ship_it", to: "c" }]);
  });

  test("ways that part inside and meet again outside go on as one", () => {
    const flow = drawn([{ id: "if_1", type: "flow.if", config: { condition: "{{ input.a }}" } }, set("yes", "1"), set("no", "2"), set("after", "{{ nodes.yes }} {{ nodes.no }}")], "start > if_1.true > yes > after", "if_1.false > no > after");
    const { parent, child, outputs } = done(flow, "if_1", "yes", "no");
    expect(parent.edges).toEqual([{ from: "start", to: "ship_it" }, { from: "ship_it", to: "after" }]);
    expect(outputs).toEqual(["yes", "no"]);
    expect(child.edges).toHaveLength(3);
    const straight = drawn([{ id: "if_1", type: "flow.if", config: { condition: "{{ input.a }}" } }, set("yes", "1"), set("after", "{{ nodes.yes }}")], "start > if_1.true > yes > after", "if_1.false > after");
    expect(done(straight, "if_1", "yes").parent.edges).toEqual([{ from: "start", to: "ship_it" }, { from: "ship_it", to: "after" }]);
  });

  test("beside other ends the call keeps the id by which the flow's output is told", () => {
    const flow = drawn([set("a", "1"), set("b", "2"), set("c", "3")], "start > a > b", "start > c");
    const { call, parent } = done(flow, "a", "b");
    expect(call).toBe("b");
    expect(parent.nodes.map((node) => node.id)).toEqual(["start", "b", "c"]);
  });
});

describe("what can't be taken out is refused, with whom it is about", () => {
  const branch = [{ id: "if_1", type: "flow.if", config: { condition: "{{ input.a }}" } }, set("yes", "1"), set("no", "2")];
  test.each<[string, FlowDocument, string[], Partial<Refused>]>([
    ["nothing is selected", drawn([set("a", "1")], "start > a"), [], { reason: "nothing" }],
    ["a trigger", drawn([set("a", "1")], "start > a"), ["start", "a"], { reason: "trigger", nodes: ["start"] }],
    ["an end of the run", drawn([{ id: "stop", type: "flow.stop" }], "start > stop"), ["stop"], { reason: "stop", nodes: ["stop"] }],
    ["what waits for a message to this run", drawn([{ id: "said", type: "flow.signal" }], "start > said"), ["said"], { reason: "own", nodes: ["said"] }],
    ["what stands on both sides of a wall", { dsl: 1, nodes: [start, { id: "rows", type: "flow.for_each" }, set("in_1", "1", { parent: "rows" }), set("a", "1")], edges: [{ from: "start", to: "a" }] }, ["in_1", "a"], { reason: "walls" }],
    ["what is undone when this flow fails", drawn([set("a", "1"), set("undo", "2"), set("b", "3")], "start > a > b", "a.compensate > undo"), ["a", "undo"], { reason: "undo", nodes: ["a", "undo"] }],
    ["a way out and back in", drawn([set("a", "1"), set("b", "2"), set("c", "{{ nodes.b.v }}")], "start > a > b > c"), ["a", "c"], { reason: "back", more: ["b"] }],
    ["beginnings at different places", drawn([...branch, set("after", "1")], "start > if_1.true > yes > after", "if_1.false > no > after"), ["yes", "no"], { reason: "entries", nodes: ["yes", "no"] }],
    ["a way out that is only sometimes taken", drawn([...branch], "start > if_1.true > yes", "if_1.false > no"), ["if_1", "no"], { reason: "sometimes", nodes: ["if_1"] }],
    ["ways that meet again in a node that counts them", drawn([set("a", "1"), set("b", "2"), set("c", "3", { join: { count: 2 } })], "start > a > c", "start > b > c"), ["a", "b"], { reason: "counts", nodes: ["c"], more: ["c"] }],
    ["two ends of which the flow's output tells", drawn([set("a", "1"), set("b", "2"), set("c", "3"), set("d", "4")], "start > a > b", "a > c", "start > d"), ["a", "b", "c"], { reason: "ends", nodes: ["b", "c"] }],
    ["an end beside a way that leads on", drawn([set("a", "1"), set("b", "2"), set("c", "3")], "start > a > b", "a > c"), ["a", "b"], { reason: "ends", nodes: ["b"] }],
    ["nodes looked up by a name that is made", drawn([set("a", "1"), set("b", "{{ nodes[input.which] }}")], "start > a > b"), ["b"], { reason: "dynamic", nodes: ["b"] }],
    ["what is no expression yet", drawn([set("a", "{{ input. }}")], "start > a"), ["a"], { reason: "broken", nodes: ["a"] }],
    ["joins that ask for different things", drawn([set("a", "1"), set("b", "2"), set("c", "3", { join: "any" }), set("d", "4")], "start > a", "start > b", "a > c", "b > c", "a > d", "b > d"), ["c", "d"], { reason: "join", nodes: ["c"] }],
  ])("%s", (_name, flow, selected, wanted) => {
    const found = take(flow, ...selected);
    expect(found).toMatchObject(wanted);
  });

  test("what mends it, mends it", () => {
    const flow = drawn([set("a", "1"), set("b", "2"), set("c", "{{ nodes.b.v }}")], "start > a > b > c");
    const refused = take(flow, "a", "c") as Refused;
    expect(isRefused(take(flow, "a", "c", ...refused.more))).toBe(false);
  });
});

test.each([
  ["input.a.b", ["input.a"]],
  ["input", ["input"]],
  ["input['a b'].c + input[\"d\"]", ["input.a b", "input.d"]],
  ["input[key]", ["input"]],
  ["input.get('a')", ["input"]],
  ["input.rows.count(1)", ["input.rows"]],
  ["f(input=1)", []],
  ["[input for input in nodes.a]", ["nodes.a"]],
  ["(lambda item: item)(index)", ["index"]],
  ["f'{input.a} {nodes.b.c}'", ["input.a", "nodes.b"]],
  ["'input.a'", []],
  ["x.input.a", []],
])("%s reads %j", (expression, read) => {
  expect(mentionsIn(expression)?.map(({ root, key }) => (key === null ? root : `${root}.${key}`))).toEqual(read);
});

test("an extraction takes all that was chosen, leaves all else, and nothing on either side names the other", () => {
  let taken = 0;
  fc.assert(
    fc.property(chosen, ({ document, selected }) => {
      const found = extracted(document, selected, wish, facts);
      if (isRefused(found)) return;
      taken += 1;
      const { parent, child, call } = found;
      const inChild = new Set(child.nodes.map((node) => node.id));
      const inParent = new Set(parent.nodes.map((node) => node.id));
      for (const node of document.nodes) expect(Number(inChild.has(node.id) && node.id !== "start") + Number(inParent.has(node.id) && node.id !== call)).toBe(1);
      for (const [side, ids] of [[parent, inParent], [child, inChild]] as const) {
        for (const edge of side.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true);
        for (const node of side.nodes) {
          for (const { text } of textsOf(node, [], facts(node))) {
            for (const mention of mentionsOf(text) ?? []) if (mention.root === "nodes") expect(ids).toContain(mention.key);
          }
        }
      }
      for (const node of child.nodes) for (const { text } of textsOf(node, [], facts(node))) for (const mention of mentionsOf(text) ?? []) if (mention.root === "input" && mention.key !== null) expect(found.inputs.map((each) => each.name)).toContain(mention.key);
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(60);
});

// The simulator plays these: whole, and as a flow that calls the other (tests/engine/test_extraction.py).
interface Shared {
  document: FlowDocument;
  selected: string[];
  call: string;
  parent: FlowDocument;
  child: FlowDocument;
}
const SHARED = "../../tests/shared/extract.json";

/** `UPDATE_SHARED=1` draws them anew. */
function drawAnew(): void {
  const lines = fc
    .sample(chosen, { seed: 237, numRuns: 1_500 })
    .flatMap(({ document, selected }) => {
      const found = extracted(document, selected, wish, facts);
      return isRefused(found) || selected.length + found.inputs.length < 3 ? [] : [JSON.stringify({ document, selected, call: found.call, parent: found.parent, child: found.child })];
    })
    .slice(0, 80);
  writeFileSync(SHARED, `[\n${lines.join(",\n")}\n]\n`);
}

test("what the simulator is given to play is what is made here", () => {
  if (process.env.UPDATE_SHARED) drawAnew();
  const cases = JSON.parse(readFileSync(SHARED, "utf8")) as Shared[];
  expect(cases).toHaveLength(80);
  for (const { document, selected, call, parent, child } of cases) expect(extracted(document, selected, wish, facts)).toMatchObject({ call, parent, child });
});
