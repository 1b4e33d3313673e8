import { expect, test } from "vitest";
import { columnText, pathText, placing } from "./placing";

const put = (text: string, at: number, to = at): string => {
  const { from, to: end, insert } = placing(text, at, to, "nodes.a.x");
  return text.slice(0, from) + insert + text.slice(end);
};

test.each([
  ["", 0, 0, "{{ nodes.a.x }}"],
  ["Dear ", 5, 5, "Dear {{ nodes.a.x }}"],
  ["{{  }}", 3, 3, "{{ nodes.a.x }}"],
  ["{{ len() }}", 7, 7, "{{ len(nodes.a.x) }}"],
  ["{{ input.y }}", 13, 13, "{{ input.y }}{{ nodes.a.x }}"],
  ["{{ input.y }}", 3, 10, "{{ nodes.a.x }}"],
  ["{{ input.y }} and {{ ", 21, 21, "{{ input.y }} and {{ nodes.a.x"],
  ["{{ input.y }}", 0, 0, "{{ nodes.a.x }}{{ input.y }}"],
])("%j at %i to %i", (text, at, to, expected) => {
  expect(put(text, at, to)).toBe(expected);
});

test("a path is written with dots where it can be, and with brackets where it must", () => {
  expect(pathText("nodes.a", ["rows", 0, "unit price"])).toBe('nodes.a.rows[0]["unit price"]');
  expect(pathText("input", [])).toBe("input");
});

test("a column is what each row has under its name, in brackets where the name asks for them", () => {
  expect(columnText("nodes.sales", ["rows"], "price")).toBe("[row.price for row in nodes.sales.rows]");
  expect(columnText("input", [], "unit price")).toBe('[row["unit price"] for row in input]');
});
