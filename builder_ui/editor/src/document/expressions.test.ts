import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hasExpression, nodesRead, piecesOf, renamed } from "./expressions";

interface RenameCase {
  name: string;
  text: string;
  old: string;
  new: string;
  expect: string;
}

// The server's renaming is held to the same cases.
const cases = JSON.parse(readFileSync("../../tests/shared/rename.json", "utf8")) as RenameCase[];

test.each(cases)("renaming: $name", (one) => {
  expect(renamed(one.text, new Map([[one.old, one.new]]))).toBe(one.expect);
});

test("an expression ends at the first braces outside brackets and strings", () => {
  const pieces = piecesOf("a {{ {'x': {'y': 1}} }} b {{ '}}' }}");
  expect(pieces.filter((piece) => piece.kind === "expression").map((piece) => piece.text)).toEqual([" {'x': {'y': 1}} ", " '}}' "]);
});

test("an expression never closed is text", () => {
  expect(hasExpression("{{ nodes.a")).toBe(false);
});

test("pieces say where they stand", () => {
  const text = "to {{ input.a }} and {{ input.b }}!";
  for (const piece of piecesOf(text)) expect(text.slice(piece.at, piece.at + piece.text.length)).toBe(piece.text);
});

test("the nodes a config reads are found at any depth", () => {
  const config = { url: "{{ nodes.a.url }}", body: [{ deep: "{{ sum(x.n for x in nodes.b.rows) + nodes['c'].n }}" }], text: "nodes.d" };
  expect([...nodesRead(config)].sort()).toEqual(["a", "b", "c"]);
});
