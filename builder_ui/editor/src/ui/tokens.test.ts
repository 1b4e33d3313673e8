import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/ui/tokens.css", "utf8");

function colours(selector: string): Record<string, string> {
  const start = css.indexOf(selector);
  const block = css.slice(css.indexOf("{", start), css.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [dark = 0, light = 0] = [luminance(one ?? ""), luminance(other ?? "")].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = ["ink", "ink-2", "ink-3", "accent", "run", "ok", "bad", "wait", "skip", "trigger", "flow", "data", "net", "code", "database", "people"];
const STATUS = ["run", "ok", "bad", "wait", "skip"];

describe.each([
  ["light", ':root[data-mantine-color-scheme="light"]'],
  ["dark", ':root[data-mantine-color-scheme="dark"]'],
])("the %s theme", (_, selector) => {
  const token = colours(selector);

  test.each(TEXT)("%s is readable on every ground (AA, 4.5 to 1)", (name) => {
    for (const ground of ["panel", "bg", "soft"]) expect(contrast(token[name], token[ground])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(STATUS)("%s is readable on its own tint", (name) => {
    expect(contrast(token[name], token[`${name}-soft`])).toBeGreaterThanOrEqual(4.5);
  });

  test("text on the accent is readable, at rest and under the pointer", () => {
    expect(contrast(token["on-accent"], token["accent"])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token["on-accent"], token["accent-hover"])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token["accent"], token["accent-soft"])).toBeGreaterThanOrEqual(4.5);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])("person %i can be read in a circle and seen on every ground", (at) => {
    expect(contrast(token["on-person"], token[`person-${at}`])).toBeGreaterThanOrEqual(4.5);
    for (const ground of ["panel", "bg"]) expect(contrast(token[`person-${at}`], token[ground])).toBeGreaterThanOrEqual(3);
  });

  test("the border of a field stands out from the ground (3 to 1)", () => {
    expect(contrast(token["field-line"], token["panel"])).toBeGreaterThanOrEqual(3);
  });

  test.each(["yellow", "blue", "green", "pink", "grey"])("a %s note is readable", (name) => {
    expect(contrast(token["note-ink"], token[`note-${name}`])).toBeGreaterThanOrEqual(7);
  });
});
