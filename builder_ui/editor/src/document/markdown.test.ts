import { expect, test } from "vitest";
import { firstWords, linkOf, MARKED } from "./markdown";

test.each([
  ["[the manual](https://manual.example/start)", { words: "the manual", href: "https://manual.example/start" }],
  ["[a page](http://wiki.example/Saga_(pattern))", { words: "a page", href: "http://wiki.example/Saga_(pattern)" }],
  ["[us](mailto:ops@shop.example)", { words: "us", href: "mailto:ops@shop.example" }],
])("%s is a link", (part, link) => {
  expect(part.split(MARKED)).toEqual(["", part, ""]);
  expect(linkOf(part)).toEqual(link);
});

test.each([
  "[press](javascript:alert(1))",
  "[press](JaVaScRiPt:alert(1))",
  "[press](java\tscript:alert(1))",
  "[press](\u0001javascript:alert(1))",
  "[press](data:text/html,<script>alert(1)</script>)",
  "[press](data:text/html;base64,PHNjcmlwdD4=)",
  "[press](vbscript:msgbox)",
  "[press](blob:https://here.example/1)",
  "[press](file:///etc/passwd)",
  "[press](//elsewhere.example)",
  "[press](/flows)",
  "[press](https://)",
  "[press]()",
  "press",
])("%s stays text", (part) => {
  expect(part.split(MARKED).map(linkOf).filter((link) => link !== null)).toEqual([]);
});

test("what would leave the attribute it stands in is written so that it can not", () => {
  expect(linkOf('[x](https://a.example/"onmouseover="alert`1`)')?.href).not.toMatch(/["<>]/);
});

test("a note is called by its first words", () => {
  expect(firstWords("\n\n## **Payment** and `charge`, see [the rules](https://rules.example)\nmore")).toBe("Payment and charge, see the rules");
  expect(firstWords("- [ ] not a link [x](javascript:1)")).toBe("[ ] not a link [x](javascript:1)");
  expect(firstWords("  \n")).toBe("");
});

test("thousands of brackets that open and never close are looked through, and stay text", () => {
  for (const text of ["[".repeat(20_000), "[a](".repeat(5_000), "[a]((".repeat(4_000), `[${"a".repeat(19_000)}`, `[a](${"b".repeat(19_000)}`]) expect(text.split(MARKED)).toEqual([text]);
});
