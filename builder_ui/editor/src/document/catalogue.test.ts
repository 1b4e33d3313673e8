import { expect, test } from "vitest";
import { effectOf, outgoingPorts, pointed, portsOf, type NodeTypeInfo } from "./catalogue";
import { summaryOf } from "./summary";
import type { JsonObject } from "./types";

const type = (over: Partial<NodeTypeInfo>): NodeTypeInfo => ({ name: "x", role: "task", label: "X", ports: ["out"], effect: "pure", credential: null, ...over });

test("ports come from the config where the catalogue says so, each once", () => {
  const chooser = type({ ports: { from: "/cases/*/port", then: ["fallback"], also: ["/more"] } });
  const config: JsonObject = { cases: [{ port: "a" }, { port: "b" }, { port: "a" }, { port: "" }, {}], more: "c" };
  expect(portsOf(chooser, config)).toEqual(["a", "b", "fallback", "c"]);
  expect(portsOf(chooser)).toEqual(["fallback"]);
});

test("a routed error has a port of its own", () => {
  expect(outgoingPorts({ id: "a", type: "x", on_error: "route" }, type({}))).toEqual(["out", "error"]);
});

test("a pointer never leaves the value's own keys", () => {
  expect(pointed({ a: 1 }, "/__proto__/x")).toEqual([]);
  expect(pointed({ "a/b": { "~": 1 } }, "/a~1b/~0")).toEqual([1]);
});

test("the effect is that of the method; the document's own is stricter and wins", () => {
  const http = type({ effect: { from: "/method", by: { GET: "read" }, otherwise: "keyed", default: "GET" } });
  expect(effectOf({ id: "a", type: "x" }, http)).toBe("read");
  expect(effectOf({ id: "a", type: "x", config: { method: "post" } }, http)).toBe("keyed");
  expect(effectOf({ id: "a", type: "x", effect: "once" }, http)).toBe("once");
});

test("the second line of a card is filled from the config, without braces and schemes", () => {
  expect(summaryOf("{method} {url}", { method: "POST", url: "https://pay.example/{{ input.id }}" })).toBe("POST pay.example/input.id");
  expect(summaryOf("{methods} {path}", { methods: ["GET", "POST"] })).toBe("GET, POST");
  expect(summaryOf("{cases.0.port}", { cases: [{ port: "a" }] })).toBe("a");
});
