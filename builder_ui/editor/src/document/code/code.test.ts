import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { same } from "../same";
import type { DocumentNode, FlowDocument, Json, JsonObject } from "../types";
import { changesMuch, changesOf } from "./changes";
import { misfitsOf, taken } from "./fitting";
import { arranged, jsonOf, printed } from "./printed";
import { readJson } from "./readJson";
import { LONGEST_YAML, readYaml, yamlOf } from "./readYaml";
import { placeOf, pointerOf, type Path, type Source } from "./source";

const START: DocumentNode = { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } };
const CHARGE: DocumentNode = {
  id: "charge",
  type: "http.request",
  label: "Charge: yes",
  config: { method: "POST", url: "https://pay.example", json: { order: "{{ input.id }}", on: "no" } },
  position: { x: 260, y: 0 },
};
const flow: FlowDocument = {
  dsl: 1,
  name: "Orders",
  nodes: [START, CHARGE],
  edges: [{ from: "start", to: "charge" }],
  notes: [{ id: "note", text: "two\nlines # no comment", position: { x: 0, y: 200 } }],
  pins: { charge: { status: 200 } },
};

const keys = fc.oneof(fc.string(), fc.constantFrom("__proto__", "a/b", "a~b", "yes", "1.0", "null", "", " ", "#"));
const words = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("yes", "on", "null", "1e3", "0x10", "012", "1_000", "2026-03-01", "12:30", "- a", "a: b", "# no", "a\nb\n", "\n", " lead", "{{ input.a }}", "&a", "*a", "!t", "~", "\u0085", "\u2028", "|", ">"));
const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)));
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, fc.oneof(words, numbers, fc.boolean(), fc.constant(null)), fc.array(tie("value"), { maxLength: 4 }), fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs) as Json)),
})).value;

const at = (value: Json, path: Path): Json | undefined => path.reduce<Json | undefined>((held, key) => (Array.isArray(held) ? held[Number(key)] : held !== null && typeof held === "object" && Object.hasOwn(held, key) ? held[String(key)] : undefined), value);
function pathsIn(value: Json, path: Path = []): Path[] {
  const inner = Array.isArray(value) ? value.map((item, index): [string | number, Json] => [index, item]) : value !== null && typeof value === "object" ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

describe("JSON", () => {
  test("what is printed is read back as the same, and every value stands where it is said to", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = printed(value);
        const source = readJson(text);
        expect(source.faults).toEqual([]);
        expect(source.value).toEqual(value);
        for (const path of pathsIn(value)) {
          const place = placeOf(source, pointerOf(path));
          expect(JSON.parse(text.slice(place.from, place.to))).toEqual(at(value, path));
        }
      }),
    );
  });

  test("it takes what the browser takes, and nothing else", () => {
    const texts = fc.oneof(fc.json(), fc.string(), fc.tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "0", "x", "\\", "\n")).map(([text, place, sign]) => text.slice(0, place % (text.length + 1)) + sign + text.slice((place % (text.length + 1)) + 1)));
    fc.assert(
      fc.property(texts, (text) => {
        let known: { value: unknown } | null;
        try {
          // A number that is too large for JSON's own writing is none here: it would be kept as null.
          const endless = (value: unknown): boolean => value === Infinity || value === -Infinity;
          let isEndless = false;
          known = { value: JSON.parse(text, (_key, value: unknown) => ((isEndless ||= endless(value)), value)) };
          if (isEndless) known = null;
        } catch {
          known = null;
        }
        const source = readJson(text);
        expect(source.value !== undefined).toBe(known !== null);
        if (known !== null) expect(source.value).toEqual(known.value);
        else expect(source.faults.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['{"a": 1,}', "unexpected", "}"],
    ['{"a" 1}', "unexpected", "1"],
    ['{"a": tru}', "unexpected", "tru"],
    ['{"a": [1, 2', "unended", ""],
    ['{"a": "x\ny"}', "text", ""],
    ['{"a": 01}', "number", "01"],
    ['{"a": 1, "a": 2}', "twice", "a"],
    ['{"a": 1} x', "unexpected", "x"],
  ])("%j is told as %s", (text, why, what) => {
    expect(readJson(text).faults.map((fault) => [fault.why, fault.what])).toEqual([[why, what]]);
  });

  test("depth is measured before it can hurt", () => {
    expect(readJson("[".repeat(100_000)).faults[0]?.why).toBe("deep");
  });

  test("a node is read at a glance: its place takes one line", () => {
    expect(jsonOf(flow)).toContain('      "position": { "x": 260, "y": 0 }\n');
    expect(jsonOf(flow)).toContain('    { "from": "start", "to": "charge" }\n');
  });
});

describe("YAML", () => {
  test("what is printed is read back as the same", () => {
    fc.assert(
      fc.property(json, (value) => {
        const source = readYaml(yamlOf({ value } as unknown as FlowDocument));
        expect(source.faults).toEqual([]);
        expect(source.value).toEqual({ value });
      }),
    );
  });

  test("values stand where they are said to", () => {
    const text = yamlOf(flow);
    const source = readYaml(text);
    const place = placeOf(source, "/nodes/1/config/url");
    expect(text.slice(place.from, place.to).trim()).toBe("https://pay.example");
    expect(text).toContain("  - { from: start, to: charge }\n");
    expect(text).toContain("position: { x: 260, y: 0 }\n");
  });

  test.each([
    ["a: &x 1\nb: *x\n", ["alias", "alias"]],
    ["a: !!str 1\n", ["alias"]],
    ["a: 1\na: 2\n", ["twice"]],
    ["a: .nan\n", ["noJson"]],
    ["? [a]\n: 1\n", ["noJson"]],
    ["a: [1\n", ["yaml"]],
  ])("%j is refused", (text, whys) => {
    const source = readYaml(text);
    expect(source.value).toBeUndefined();
    expect([...new Set(source.faults.map((fault) => fault.why))]).toEqual([...new Set(whys)]);
  });

  const levels = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join("\n");
  test.each([
    ["aliases that multiply", levels(40, (at) => (at === 0 ? "a0: &a0 [x]" : `a${at}: &a${at} [${Array(10).fill(`*a${at - 1}`).join(", ")}]`)), "alias"],
    ["brackets within brackets", "[".repeat(20_000) + "]".repeat(20_000), "deep"],
    ["lists within lists", `${"- ".repeat(3_000)}x`, "deep"],
    ["maps within maps", levels(200, (at) => `${" ".repeat(at)}a:`), "deep"],
    ["more than is read here", "a: b # and so on\n".repeat(LONGEST_YAML / 8), "long"],
  ])("%s get one clear answer", (_name, text, why) => {
    const source = readYaml(text);
    expect(source.value).toBeUndefined();
    expect([...new Set(source.faults.map((fault) => fault.why))]).toEqual([why]);
  });

  test("a map of very many keys is read, each key held against the others once", () => {
    const text = levels(10_000, (at) => `key_${at}: ${at}`);
    expect(Object.keys(readYaml(text).value as object)).toHaveLength(10_000);
    expect(readYaml(`${text}\nkey_7: again`).faults.map(({ why, what }) => [why, what])).toEqual([["twice", "key_7"]]);
  });

  test("texts that would be read as something else are written as texts", () => {
    for (const name of ["1", "null", "true", "1e3", "~", "- a", "a: b", "# a", ""]) expect(yamlOf({ dsl: 1, name, nodes: [], edges: [] })).toContain(`name: "${name}"`);
  });
});

const sourced = (value: unknown): Source => readJson(JSON.stringify(value));

describe("what the editor can hold", () => {
  test("a document fits", () => {
    expect(misfitsOf(readJson(jsonOf(flow)))).toEqual([]);
    expect(misfitsOf(sourced({ dsl: 1, nodes: [], edges: [] }))).toEqual([]);
  });

  test.each([
    [[], "object", ""],
    [{ dsl: 2, nodes: [], edges: [] }, "dsl", ""],
    [{ dsl: 1, nodes: {}, edges: [] }, "list", "nodes"],
    [{ dsl: 1, edges: [] }, "list", "nodes"],
    [{ dsl: 1, nodes: [{ id: "a" }], edges: [] }, "needed", "type"],
    [{ dsl: 1, nodes: [{ id: "A", type: "log" }], edges: [] }, "id", "A"],
    [{ dsl: 1, nodes: [{ id: "a", type: "log" }, { id: "a", type: "log" }], edges: [] }, "idTwice", "a"],
    [{ dsl: 1, nodes: [{ id: "a", type: "log", position: { x: "0", y: 0 } }], edges: [] }, "kind", "position"],
    [{ dsl: 1, nodes: [7], edges: [] }, "kind", "1"],
    [{ dsl: 1, nodes: [], edges: [{ from: "a" }] }, "needed", "to"],
    [{ dsl: 1, nodes: [], edges: [], notes: [{ id: "n" }] }, "needed", "position"],
    [{ dsl: 1, nodes: [], edges: [], settings: [] }, "kind", "settings"],
  ])("%j is told: %s", (value, why, what) => {
    expect(misfitsOf(sourced(value)).map((fault) => [fault.why, fault.what])).toEqual([[why, what]]);
  });

  test("a misfit is told at its place", () => {
    const text = jsonOf(flow).replace('"x": 260', '"x": "far"');
    const [fault] = misfitsOf(readJson(text));
    expect(text.slice(fault?.from, fault?.to)).toBe('{ "x": "far", "y": 0 }');
  });
});

describe("taking a text over", () => {
  test("a text that says the same is no edit, in whatever order and format", () => {
    expect(taken(flow, readJson(jsonOf(flow)).value ?? null)).toBe(flow);
    expect(taken(flow, readYaml(yamlOf(arranged(flow))).value ?? null)).toBe(flow);
  });

  test("what stayed the same is the same object as before, by its id", () => {
    const said = readJson(jsonOf(flow).replace("https://pay.example", "https://bank.example")).value ?? null;
    const after = taken(flow, said);
    expect(after.nodes.map((node) => node.id)).toEqual(["start", "charge"]);
    expect(after.nodes[0]).toBe(flow.nodes[0]);
    expect(after.edges[0]).toBe(flow.edges[0]);
    expect(after.notes?.[0]).toBe(flow.notes?.[0]);
    expect(after.nodes[1]?.config?.url).toBe("https://bank.example");
  });
});

describe("what a text changes", () => {
  test("is told part by part, field by field", () => {
    const after: FlowDocument = {
      ...flow,
      name: "Order",
      nodes: [{ ...START, position: { x: 8, y: 0 } }, { ...CHARGE, config: { ...CHARGE.config, url: "https://bank.example" } }, { id: "log", type: "log" }],
      edges: [{ from: "charge", to: "log" }],
      pins: {},
    };
    expect(changesOf(flow, after).map(({ what, part, id, path }) => [what, part, id, path].join(" "))).toEqual([
      "changed flow  /name",
      "moved node start /position",
      "changed node charge /config/url",
      "added node log ",
      "removed edge start.out>charge ",
      "added edge charge.out>log ",
      "removed pin charge ",
    ]);
  });

  test("nothing is told of documents that are the same, and something of any others", () => {
    const documents: fc.Arbitrary<FlowDocument> = fc.record({ dsl: fc.constant<1>(1), name: fc.constantFrom("a", "b"), nodes: fc.uniqueArray(fc.record({ id: fc.constantFrom("a", "b", "c"), type: fc.constantFrom("log", "x"), config: fc.constantFrom<JsonObject>({}, { n: 1 }, { n: { m: [1] } }) }), { selector: (node) => node.id, maxLength: 3 }), edges: fc.constant<FlowDocument["edges"]>([]) });
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const byId = (document: FlowDocument) => ({ ...document, nodes: [...document.nodes].sort((a, b) => a.id.localeCompare(b.id)) });
        expect(changesOf(before, after).length === 0).toBe(same(byId(before), byId(after)));
      }),
    );
  });

  test("a node that goes is much, one field is little", () => {
    expect(changesMuch(changesOf(flow, { ...flow, nodes: flow.nodes.slice(0, 1), edges: [] }))).toBe(true);
    expect(changesMuch(changesOf(flow, { ...flow, name: "x" }))).toBe(false);
  });
});
