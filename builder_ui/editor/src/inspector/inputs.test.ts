import { describe, expect, test } from "vitest";
import { fieldsOf, freshName, schemaOf } from "./inputs";

const schema = {
  type: "object",
  properties: { order_id: { type: "string", title: "Order", description: "Its number" }, size: { type: "string", enum: ["s", "l"] }, count: { type: "integer", default: 1 }, rest: {} },
  required: ["order_id"],
};

describe("the inputs of a flow", () => {
  test("a simple schema is read as fields and written back as it was", () => {
    const fields = fieldsOf(schema);
    expect(fields?.map((field) => field.type)).toEqual(["string", "string", "integer", "any"]);
    expect(schemaOf(fields ?? [], schema)).toEqual(schema);
  });

  test("what the list doesn't show is kept as it was", () => {
    const rich = { type: "object", properties: { lines: { type: "array", items: { type: "object" }, minItems: 1 }, code: { type: "string", pattern: "^A" } } };
    expect(schemaOf(fieldsOf(rich) ?? [], rich)).toEqual(rich);
  });

  test("an empty schema has no fields, and no fields make an empty schema", () => {
    expect(fieldsOf({})).toEqual([]);
    expect(schemaOf([], schema)).toEqual({});
  });

  test.each([
    [{ anyOf: [] }],
    [{ type: "object", properties: { a: { $ref: "#/x" } } }],
    [{ type: "array" }],
  ])("what the list would lose is left to the JSON: %j", (rich) => {
    expect(fieldsOf(rich)).toBeNull();
  });

  test("a new field has a name of its own", () => {
    expect(freshName(fieldsOf(schema) ?? [], "rest")).toBe("rest_2");
  });
});
