import { describe, expect, test } from "vitest";
import { apply } from "./apply";
import { edgeKey, type FlowDocument } from "./types";

const flow = (): FlowDocument => ({
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "a", type: "data.set" },
    { id: "b", type: "http.request", config: { url: "{{ nodes.a.url }}", sql: "{{ nodes.a.x }}" } },
    { id: "c", type: "log" },
    { id: "loop", type: "flow.for_each" },
    { id: "inner", type: "log", parent: "loop" },
    { id: "last", type: "log", parent: "loop" },
  ],
  edges: [
    { from: "start", to: "a" },
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "c", to: "loop" },
    { from: "inner", to: "last" },
  ],
  notes: [{ id: "note_1", position: { x: 0, y: 0 }, parent: "loop" }],
  pins: { a: { url: "x" } },
});

const keys = (document: FlowDocument) => document.edges.map(edgeKey);

describe("removing", () => {
  test("a container goes with what it holds, its arrows, notes and pins", () => {
    const after = apply(flow(), { kind: "remove", nodes: ["loop", "a"] });
    expect(after.nodes.map((node) => node.id)).toEqual(["start", "b", "c"]);
    expect(keys(after)).toEqual(["b:out>c"]);
    expect(after.notes).toEqual([]);
    expect(after.pins).toEqual({});
  });

  test("with reconnecting, what led to it leads on", () => {
    const after = apply(flow(), { kind: "remove_and_reconnect", nodes: ["a", "b"] });
    expect(keys(after)).toContain("start:out>c");
    expect(after.nodes.map((node) => node.id)).not.toContain("a");
  });
});

describe("connecting", () => {
  test.each([
    ["a circle", { from: "c", to: "a" }],
    ["itself", { from: "c", to: "c" }],
    ["a trigger", { from: "c", to: "start" }],
    ["through a wall", { from: "a", to: "inner" }],
    ["a twin", { from: "a", to: "b" }],
    ["what is missing", { from: "a", to: "nowhere" }],
    ["an undo that has an entry", { from: "a", port: "compensate", to: "c" }],
  ])("%s is refused", (_name, edge) => {
    const before = flow();
    expect(apply(before, { kind: "connect", edge })).toBe(before);
  });

  test("the usual port is not written down", () => {
    const after = apply(flow(), { kind: "connect", edge: { from: "start", to: "c", port: "out" } });
    expect(after.edges.at(-1)).toEqual({ from: "start", to: "c" });
  });
});

describe("splicing", () => {
  test("a node takes its place in the arrow", () => {
    const free = apply(flow(), { kind: "add_fragment", fragment: { nodes: [{ id: "n", type: "log" }], edges: [], notes: [], pins: {} } });
    const after = apply(free, { kind: "splice", edge: "a:out>b", node: "n", port: "out" });
    expect(keys(after)).toEqual(expect.arrayContaining(["a:out>n", "n:out>b"]));
    expect(keys(after)).not.toContain("a:out>b");
  });

  test("in a container it becomes one of those it holds", () => {
    const free = apply(flow(), { kind: "add_fragment", fragment: { nodes: [{ id: "n", type: "log" }], edges: [], notes: [], pins: {} } });
    const after = apply(free, { kind: "splice", edge: "inner:out>last", node: "n", port: "out" });
    expect(after.nodes.find((node) => node.id === "n")?.parent).toBe("loop");
  });

  test("a node that can't stand there leaves all as it was", () => {
    const before = flow();
    expect(apply(before, { kind: "splice", edge: "a:out>b", node: "start", port: "out" })).toBe(before);
  });
});

describe("detaching", () => {
  test("heals the chain and leaves the node free", () => {
    const after = apply(flow(), { kind: "detach", nodes: ["b"] });
    expect(keys(after)).toEqual(expect.arrayContaining(["a:out>c"]));
    expect(keys(after).some((key) => key.includes("b"))).toBe(false);
  });
});

describe("renaming", () => {
  test("rewrites arrows, pins and expressions, but nothing verbatim", () => {
    const after = apply(flow(), { kind: "rename_node", from: "a", to: "fields", verbatim: { "http.request": ["sql"] } });
    expect(keys(after)).toEqual(expect.arrayContaining(["start:out>fields", "fields:out>b"]));
    expect(after.pins).toEqual({ fields: { url: "x" } });
    expect(after.nodes.find((node) => node.id === "b")?.config).toEqual({ url: "{{ nodes.fields.url }}", sql: "{{ nodes.a.x }}" });
  });

  test("to a name that is taken changes nothing", () => {
    const before = flow();
    expect(apply(before, { kind: "rename_node", from: "a", to: "b" })).toBe(before);
  });
});

describe("a config", () => {
  test("is set deep, and what is taken away leaves no trace", () => {
    const set = apply(flow(), { kind: "set_config", id: "a", path: ["fields", "rows", 0, "name"], value: "x" });
    expect(set.nodes[1]?.config).toEqual({ fields: { rows: [{ name: "x" }] } });
    const cleared = apply(set, { kind: "set_config", id: "a", path: ["fields"], value: undefined });
    expect(cleared.nodes[1]?.config).toEqual({});
  });

  test("a field may have any name, __proto__ too", () => {
    const after = apply(flow(), { kind: "set_config", id: "a", path: ["__proto__"], value: "x" });
    expect(JSON.stringify(after.nodes[1]?.config)).toBe('{"__proto__":"x"}');
  });
});

test("going into a container cuts the arrows that would cross its wall", () => {
  const after = apply(flow(), { kind: "set_parent", nodes: ["b"], parent: "loop", positions: { b: { x: 8, y: 8 } } });
  expect(keys(after)).toEqual(["start:out>a", "c:out>loop", "inner:out>last"]);
  expect(after.nodes.find((node) => node.id === "b")).toMatchObject({ parent: "loop", position: { x: 8, y: 8 } });
});

test("a container never goes into what it holds", () => {
  const before = flow();
  expect(apply(before, { kind: "set_parent", nodes: ["loop"], parent: "inner", positions: {} })).toBe(before);
});
