/** Flows of every shape, with a part of each chosen: what the tests of extraction draw from. */
import fc from "fast-check";
import type { DocumentEdge, DocumentNode, FlowDocument, JsonObject } from "../types";
import type { Facts } from "./texts";

const PORTS: Record<string, readonly string[]> = { "flow.if": ["true", "false"], "flow.switch": ["small", "large", "fallback"], "flow.stop": [] };

/** The catalogue as far as these flows use it. */
export const facts = (node: DocumentNode): Facts => ({
  role: node.type.startsWith("trigger.") ? "trigger" : node.type === "flow.for_each" || node.type === "flow.while" || node.type === "flow.lock" || node.type === "flow.try" ? "container" : "task",
  ports: PORTS[node.type] ?? ["out"],
  verbatim: node.type === "code.python" ? ["code"] : [],
  perItem: node.type === "data.filter" ? ["condition"] : [],
});

export interface Chosen {
  document: FlowDocument;
  selected: string[];
}

const KINDS = ["data.set", "data.set", "data.transform", "log", "flow.if", "flow.switch", "each", "flow.for_each"] as const;

interface Draw {
  kind: (typeof KINDS)[number];
  /** Numbers that choose: where its arrows come from, what it reads. */
  from: number[];
  reads: number[];
  ports: number[];
  join: "all" | "any";
  isOff: boolean;
  inner: number;
}

const draws: fc.Arbitrary<Draw> = fc.record({
  kind: fc.constantFrom(...KINDS),
  from: fc.array(fc.nat(100), { minLength: 1, maxLength: 2 }),
  reads: fc.array(fc.nat(100), { minLength: 1, maxLength: 2 }),
  ports: fc.array(fc.nat(10), { minLength: 2, maxLength: 2 }),
  join: fc.constantFrom("all", "all", "all", "any"),
  isOff: fc.constantFrom(false, false, false, false, false, false, true),
  inner: fc.integer({ min: 1, max: 2 }),
});

/** The outputs that hold a `v`. */
const HOLDS = new Set(["data.set", "data.transform"]);

class Maker {
  nodes: DocumentNode[] = [{ id: "start", type: "trigger.manual", position: { x: 0, y: 0 } }];
  edges: DocumentEdge[] = [];
  readonly before = new Map<string, ReadonlySet<string>>([["start", new Set()]]);

  add(draw: Draw, parent: string | null, index: number, siblings: string[], outer: readonly string[]): void {
    const id = `${parent === null ? "n" : `${parent}_`}${index}`;
    const sources = parent !== null && siblings.length === 0 ? [] : [...new Set(draw.from.map((number) => siblings[number % siblings.length] ?? "start"))];
    const isFirst = draw.join === "any" && sources.length > 1;
    const led = sources.map((source) => new Set([source, ...(this.before.get(source) ?? [])]));
    // Who goes on with the first to come can't know what else has ended by then.
    const known = new Set(led.flatMap((each) => [...each]).filter((each) => !isFirst || led.every((other) => other.has(each))));
    this.before.set(id, known);
    const readable = [...known, ...outer].filter((each) => each !== "start");
    const node = this.made(id, draw, readable, parent !== null);
    if (parent !== null) node.parent = parent;
    if (isFirst) node.join = "any";
    if (draw.isOff && PORTS[node.type] === undefined) node.disabled = true;
    this.nodes.push(node);
    sources.forEach((source, at) => this.lead(source, id, draw.ports[at] ?? 0));
    if (node.type === "flow.for_each") {
      const inside: string[] = [];
      for (let at = 0; at < draw.inner; at += 1) {
        this.add({ ...draw, kind: at % 2 === 0 ? "data.set" : "log", isOff: false, from: [at] }, id, at, inside, readable);
        inside.push(`${id}_${at}`);
      }
    }
    siblings.push(id);
  }

  private made(id: string, { kind, reads }: Draw, readable: readonly string[], isInside: boolean): DocumentNode {
    const place = { x: 300 * this.nodes.length, y: 40 * (this.nodes.length % 3) };
    const texts = reads.map((number) => this.text(number, readable, isInside));
    const [first = "{{ input.a }}", second = "none"] = texts;
    const node = (type: string, config: JsonObject, more: Partial<DocumentNode> = {}): DocumentNode => ({ id, type, config, position: place, ...more });
    switch (kind) {
      case "data.set":
        return node("data.set", { fields: { v: first, said: `${second}!` } });
      case "data.transform":
        return node("data.transform", { value: { v: first, w: second } });
      case "log":
        return node("log", { message: `${first} and ${second}` });
      case "flow.if":
        return node("flow.if", { condition: first });
      case "flow.switch":
        return node("flow.switch", { value: first, cases: [{ equals: 1, port: "small" }, { when: second, port: "large" }] });
      case "each":
        return node("data.set", { fields: { v: "{{ item }}", said: first } }, { each: { items: [1, 2] } });
      case "flow.for_each":
        return node("flow.for_each", { items: [1, 2] });
    }
  }

  private text(number: number, readable: readonly string[], isInside: boolean): string {
    const id = readable[number % Math.max(1, readable.length)];
    const of = this.nodes.find((node) => node.id === id);
    const own: string[] = ["{{ input.a }}", "{{ input['a'] + 1 }}", "{{ input.b if input.a else 0 }}", "{{ vars.rate }}", "{{ flow.name }}", ...(isInside ? ["{{ item }}", "{{ index }}"] : [])];
    if (of === undefined || number % 3 === 0) return own[number % own.length] ?? "";
    if (of.each == null && of.disabled !== true && HOLDS.has(of.type) && number % 2 === 0) return `{{ nodes.${of.id}.v }}`;
    return number % 5 === 0 ? `{{ nodes["${of.id}"] }}` : `{{ nodes.${of.id} }}`;
  }

  private lead(source: string, to: string, number: number): void {
    const from = this.nodes.find((node) => node.id === source);
    const ports = from === undefined ? ["out"] : facts(from).ports;
    const port = ports[number % ports.length] ?? "out";
    this.edges.push({ from: source, to, ...(port === "out" ? {} : { port }) });
  }
}

function flowOf(drawn: readonly Draw[]): FlowDocument {
  const maker = new Maker();
  const siblings = ["start"];
  drawn.forEach((draw, index) => maker.add(draw, null, index, siblings, []));
  const inputs: JsonObject = { type: "object", properties: { a: { type: "integer" }, b: {} }, required: ["a"] };
  return { dsl: 1, name: "Whole", inputs, settings: { vars: { rate: 3 } }, nodes: maker.nodes, edges: maker.edges };
}

export const chosen: fc.Arbitrary<Chosen> = fc
  .tuple(fc.array(draws, { minLength: 2, maxLength: 8 }), fc.nat(100), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.nat(100))
  .map(([drawn, first, length, isInside, which]) => {
    const document = flowOf(drawn);
    const frames = document.nodes.filter((node) => node.type === "flow.for_each");
    const frame = isInside ? frames[which % Math.max(1, frames.length)] : undefined;
    const near = document.nodes.filter((node) => (node.parent ?? null) === (frame?.id ?? null) && node.id !== "start");
    const from = first % near.length;
    return { document, selected: near.slice(from, from + length).map((node) => node.id) };
  });
