import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "@/document/types";
import { anyTextOf, anyValueOf } from "./anyText";

describe("a value of any shape in one field", () => {
  it("takes words as words", () => expect(anyValueOf("Hello there")).toEqual({ value: "Hello there" }));
  it("takes numbers, truth and null as what they are", () => {
    expect(["5", "true", "null", "[1]"].map((text) => anyValueOf(text)?.value)).toEqual([5, true, null, [1]]);
  });
  it("keeps the quotes of a word that would be read as a number", () => expect(anyTextOf("5")).toBe('"5"'));
  it("waits for JSON that isn't ended", () => expect(anyValueOf('{"a": ')).toBeNull());
  it("holds nothing for nothing", () => expect(anyValueOf("  ")).toEqual({ value: undefined }));
  it("reads back every value it wrote", () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as Json;
        expect(anyValueOf(anyTextOf(plain))?.value).toEqual(plain);
      }),
    ));
});
