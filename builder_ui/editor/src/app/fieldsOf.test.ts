import { expect, test } from "vitest";
import type { NodeType } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { fieldsOf } from "./fieldsOf";

const schema = { type: "object", required: ["message"], properties: { message: { type: "string" }, level: { type: "string", title: "How loud" }, ...Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`option_${index}`, { type: "string" }])) } };
const catalogue = new Map([["log", { name: "log", schema } as unknown as NodeType]]);
const node = (id: string, config: Record<string, string>) => ({ id, type: "log", label: id.toUpperCase(), position: { x: 0, y: 0 }, config });
const document = { dsl: 1, nodes: [node("one", { message: "about zebrafish" }), node("two", { message: "", level: "error" }), { ...node("far", {}), type: "acme.crm" }], edges: [] } as unknown as FlowDocument;
const found = (typed: string) => fieldsOf(document, catalogue, typed).map(({ node: id, label }) => `${id} ${label}`);

test("a field is found by its name, in each node whose form shows it", () => {
  expect(found("mess")).toEqual(["one Message", "two Message"]);
  expect(found("loud")).toEqual(["two How loud"]);
  expect(found("option")).toEqual([]);
});

test("a field is found by what stands in it, behind those of that name", () => {
  expect(found("ZEBRA")).toEqual(["one Message"]);
  expect(found("m")).toEqual([]);
  expect(found("msg")).toEqual([]);
});

test("fields of the same name leave room for others", () => {
  const many = { ...document, nodes: Array.from({ length: 1_000 }, (_, index) => node(`n${index}`, { message: "" })) };
  expect(fieldsOf(many as unknown as FlowDocument, catalogue, "message")).toHaveLength(12);
});
