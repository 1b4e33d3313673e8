import { describe, expect, test } from "vitest";
import type { JsonSchema } from "@/api/types";
import { beginning, fieldOf, labelOf, propertiesOf, standing, variantOf } from "./schema";

const root: JsonSchema = {
  type: "object",
  properties: {
    method: { enum: ["GET", "POST"], type: "string", default: "GET" },
    url: { type: "string", title: "Address" },
    timeout: { anyOf: [{ type: "string", format: "mulgil-duration" }, { type: "null" }], default: null },
    cases: { type: "array", items: { $ref: "#/$defs/Case" } },
    body: {},
    headers: { type: "object", additionalProperties: { type: "string" } },
    join: { anyOf: [{ enum: ["all", "any"], type: "string" }, { $ref: "#/$defs/Count" }] },
  },
  required: ["url"],
  $defs: {
    Case: { type: "object", properties: { port: { type: "string" }, when: {} }, required: ["port"] },
    Count: { type: "object", properties: { count: { type: "integer", minimum: 1 } }, required: ["count"] },
  },
};
const kind = (name: string) => fieldOf(root.properties?.[name] ?? {}, root).kind;

describe("reading a schema", () => {
  test("each piece of schema becomes the field that edits it", () => {
    expect(["method", "url", "timeout", "cases", "body", "headers", "join"].map(kind)).toEqual([
      "choice", "text", "duration", "list", "any", "map", "variants",
    ]);
  });

  test("a choice of all that JSON can hold is any value", () => {
    const anything = { anyOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }, { type: "array", items: {} }, { type: "object" }, { type: "null" }] };
    expect(fieldOf(anything, root)).toMatchObject({ kind: "any", nullable: true });
  });

  test("an optional type is the type, and may be empty", () => {
    expect(fieldOf(root.properties?.timeout ?? {}, root).nullable).toBe(true);
  });

  test("a reference keeps what is written beside it", () => {
    const spec = fieldOf({ $ref: "#/$defs/Count", description: "How many" }, root);
    expect(spec.kind).toBe("object");
    expect(spec.schema.description).toBe("How many");
  });

  test("required fields stand first, set ones stand, the rest wait under Add option", () => {
    const { shown, rest } = standing(propertiesOf(root), { method: "POST" }, new Set());
    expect(shown.map((each) => each.name)).toEqual(["url", "method"]);
    expect(rest.map((each) => each.name)).toContain("timeout");
  });

  test("a name is read as words, a title as it stands", () => {
    expect(labelOf("max_attempts", {})).toBe("Max attempts");
    expect(labelOf("url", root.properties?.url ?? {})).toBe("Address");
  });

  test("a new value is the default, or the emptiest that fits", () => {
    expect(beginning(root.properties?.method ?? {}, root)).toBe("GET");
    expect(beginning({ $ref: "#/$defs/Case" }, root)).toEqual({ port: "" });
    expect(beginning({ $ref: "#/$defs/Count" }, root)).toEqual({ count: 1 });
  });

  test("a value finds its variant by its type", () => {
    const { variants } = fieldOf(root.properties?.join ?? {}, root);
    expect(variantOf("any", variants)).toBe(0);
    expect(variantOf({ count: 2 }, variants)).toBe(1);
  });
});
