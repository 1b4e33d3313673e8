import fc from "fast-check";
import { expect, test } from "vitest";
import { extentOf, scaleOf, svgOf, type DrawnCard, type Drawing, type Look } from "./svg";
import { cut, escaped, noteLines, type Font, type Measure } from "./words";

const measure: Measure = (text, font) => Array.from(text).length * font.size * 0.5;
const FONT: Font = { size: 10, weight: 400 };
const names = ["bg", "panel", "line", "ink", "ink-2", "ink-3", "accent", "flow", "bad", "note-ink", "line-strong"] as const;
const look: Look = { colours: Object.fromEntries(names.map((name) => [name, "#123456"])) as Look["colours"], text: '"Inter Variable", sans-serif', mono: "monospace", faces: "" };

const card = (over: Partial<DrawnCard> = {}): DrawnCard => ({
  x: 0, y: 0, width: 220, height: 88, title: "Charge", summary: "POST pay.example", isData: true, foot: "http.request", icon: ["M0 0L24 24"], hue: "#0b7480",
  border: "#e2e7ea", isDashed: false, isFaded: false, isOff: false, status: null, marks: [], ports: [], ...over,
});
const drawing = (over: Partial<Drawing> = {}): Drawing => ({ title: "Orders", notes: [], frames: [], arrows: [], cards: [], ...over });

const parsed = (svg: string): Document => new DOMParser().parseFromString(svg, "image/svg+xml");
const WHAT_MAY_STAND = new Set(["svg", "title", "rect", "g", "path", "text", "tspan", "circle"]);
const WHAT_RUNS_OR_FETCHES = /^(on|href|xlink|src|style$)/i;

test("whatever a flow says stays words: no element and no attribute comes of it", () => {
  const said = fc.oneof(fc.string(), fc.constantFrom("<script>alert(1)</script>", '"/><image href="https://evil.example/x"/>', "]]><a xlink:href='javascript:1'>", "&lt;b&gt; &amp;", "\u0000\u0007\ud800", "</svg><svg onload=1>"));
  fc.assert(
    fc.property(said, said, said, (first, second, third) => {
      const svg = svgOf(
        drawing({
          title: first,
          notes: [{ x: 0, y: 200, width: 300, height: 200, text: second, colour: "#fff4cf", isGroup: true }],
          frames: [{ x: 0, y: 500, width: 300, height: 200, title: third, tag: first, inside: second, isFolded: false, border: "#000", status: null, ports: [] }],
          cards: [card({ title: first, summary: second, foot: third, marks: [{ text: first, icon: null, isStrong: true }], ports: [{ x: 220, y: 28, name: second, isError: false }] })],
        }),
        look,
        measure,
      );
      // Were it a different tree, some word had become markup.
      const page = parsed(svg);
      const all = [...page.querySelectorAll("*")];
      expect(all.length).toBeGreaterThan(10);
      for (const element of all) {
        expect(WHAT_MAY_STAND).toContain(element.tagName);
        for (const attribute of element.attributes) expect(attribute.name).not.toMatch(WHAT_RUNS_OR_FETCHES);
      }
      expect(svg.match(/<(?:svg|title|rect|g|path|text|tspan|circle)[ >]/g)?.length).toBe(all.length);
    }),
    { numRuns: 200 },
  );
});

test("what XML can't say is replaced, and the rest is said as it is", () => {
  expect(escaped("a\u0000b \ud83c\udf0a <물길> & 'x' \"y\"")).toBe("a\ufffdb \ud83c\udf0a &lt;물길&gt; &amp; &#39;x&#39; &quot;y&quot;");
  expect(escaped("\udc00lone\ud800")).toBe("\ufffdlone\ufffd");
});

test("a line that is too long ends in dots and fits; one that fits is left alone", () => {
  expect(cut("short", 100, FONT, measure)).toBe("short");
  expect(cut("one   line\nof two", 200, FONT, measure)).toBe("one line of two");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 10, max: 200 }), (text, width) => {
      expect(measure(cut(text, width, FONT, measure), FONT)).toBeLessThanOrEqual(Math.max(width, 5));
    }),
  );
  // A family of four is one character.
  expect(cut("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 45, FONT, measure)).toBe("👨‍👩‍👧‍👦…");
});

test("a note's words are broken into lines that fit, marks and all, and are cut off where its box ends", () => {
  const lines = noteLines("# Payments\nThe key is **the run's**, so a `retry` never\n- charges twice", 100, 10, 10, measure);
  expect(lines.map((line) => line.map((run) => run.text).join("").trim())).toEqual(["Payments", "The key is the", "run's, so a retry", "never", "• charges twice"]);
  for (const line of lines) expect(line.reduce((sum, run) => sum + measure(run.text.trimEnd(), run.font), 0)).toBeLessThanOrEqual(100);
  expect(lines[0]?.[0]?.font.weight).toBe(650);
  expect(noteLines("a\n".repeat(50), 100, 10, 3, measure)).toHaveLength(3);
  expect(noteLines("x".repeat(50), 100, 10, 9, measure)).toHaveLength(3);
});

test("the whole flow is in the picture, with room around it", () => {
  const box = extentOf(drawing({ cards: [card({ x: -300, y: -100 }), card({ x: 900, y: 400 })], notes: [{ x: 0, y: 900, width: 100, height: 50, text: "", colour: "#fff", isGroup: false }] }));
  expect(box).toEqual({ x: -348, y: -148, width: 1516, height: 1146 });
});

test("a picture has two pixels for one, and fewer where a browser could not draw as many", () => {
  expect(scaleOf({ width: 1200, height: 800 })).toBe(2);
  const { width, height } = { width: 60_000, height: 9_000 };
  const scale = scaleOf({ width, height });
  expect(width * scale).toBeLessThanOrEqual(16_000);
  expect(width * scale * height * scale).toBeLessThanOrEqual(100_000_000);
});
