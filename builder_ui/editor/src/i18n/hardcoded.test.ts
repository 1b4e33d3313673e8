import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const SAID = new Set(["label", "title", "placeholder", "description", "aria-label", "alt", "confirm", "error"]);
/** Names and notations that are the same in every language. */
const ANY_LANGUAGE = /^(JSON|ID|URL|v|ms|[^\p{L}]*|pay\.example|×n|[a-z]+(\.\w+)+)$/u;

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tsx") && !file.includes(".test."));

/** Text in a component that a person would read and that comes from no language. */
function spoken(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(`src/${file}`, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const note = (text: string): void => {
    const words = text.trim();
    if (words !== "" && !ANY_LANGUAGE.test(words)) found.push(words);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node.text);
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer) && SAID.has(node.name.getText())) note(node.initializer.text);
    if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteralLike(node.expression) && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) note(node.expression.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test("there are components to look at", () => {
  expect(files.length).toBeGreaterThan(50);
});

test.each(files)("%s says nothing that isn't in the languages", (file) => {
  expect(spoken(file)).toEqual([]);
});
