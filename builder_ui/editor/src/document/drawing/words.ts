/** Words in a drawing: made safe for XML, cut to a width, broken into lines. Widths are measured by whoever draws. */
import { BULLET, HEADING, linkOf, MARKED } from "../markdown";

export interface Font {
  size: number;
  weight: number;
  mono?: boolean;
  slanted?: boolean;
}

/** How wide a text is in a font, in pixels of the canvas. */
export type Measure = (text: string, font: Font) => number;

// XML 1.0 has no way to write these at all, not even escaped.
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The text as XML says it, in an element or in an attribute: nothing in it is markup. */
export const escaped = (text: string): string => text.replace(UNWRITABLE, "\ufffd").replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");

/** No line of a card holds more; what is longer needn't be measured to be cut. */
const LONGEST = 400;

/** The text, or as much of its beginning as fits with dots behind it. Characters made of several code points stay whole. */
export function cut(text: string, width: number, font: Font, measure: Measure): string {
  const line = text.replace(/\s+/g, " ").trim().slice(0, LONGEST);
  if (measure(line, font) <= width) return line;
  const parts = [...new Intl.Segmenter().segment(line)].map((part) => part.segment);
  let [least, most] = [0, parts.length];
  while (least < most) {
    const half = Math.ceil((least + most) / 2);
    if (measure(`${parts.slice(0, half).join("")}…`, font) <= width) least = half;
    else most = half - 1;
  }
  return `${parts.slice(0, least).join("").trimEnd()}…`;
}

/** Words said in one way: plain, bold, slanted or as code. */
export interface Run {
  text: string;
  font: Font;
}
export type Line = Run[];

/** A line of a note as its runs: the same few marks that the canvas reads, and nothing else is markup. */
function runsOf(line: string, size: number): Run[] {
  if (HEADING.test(line)) return [{ text: line.replace(HEADING, ""), font: { size, weight: 650 } }];
  return line
    .split(MARKED)
    .filter((part) => part !== "")
    .map((part) => {
      if (/^\*\*.+\*\*$/.test(part)) return { text: part.slice(2, -2), font: { size, weight: 650 } };
      if (/^\*.+\*$/.test(part)) return { text: part.slice(1, -1), font: { size, weight: 400, slanted: true } };
      if (/^`.+`$/.test(part)) return { text: part.slice(1, -1), font: { size: size - 1, weight: 400, mono: true } };
      // A picture leads nowhere: of a link it says the words.
      return { text: linkOf(part)?.words ?? part, font: { size, weight: 400 } };
    });
}

/** The lines of a note within a width; those past `most` are left out, as its box cuts them off. */
export function noteLines(source: string, width: number, size: number, most: number, measure: Measure): Line[] {
  const lines: Line[] = [];
  for (const raw of source.split("\n")) {
    if (lines.length >= most) break;
    const isItem = BULLET.test(raw);
    const runs = runsOf(isItem ? `• ${raw.replace(BULLET, "")}` : raw, size);
    lines.push(...broken(runs, width, most - lines.length, measure));
  }
  return lines;
}

/** What is never parted by the end of a line: a word, or the pieces of one that is said in several ways. */
function unitsOf(runs: readonly Run[]): Run[][] {
  const units: Run[][] = [];
  for (const { text, font } of runs) {
    for (const word of text.split(/(?<=\s)/)) {
      const last = units.at(-1);
      if (last !== undefined && !/\s$/.test(last.at(-1)?.text ?? " ")) last.push({ text: word, font });
      else units.push([{ text: word, font }]);
    }
  }
  return units;
}

/** Runs broken into lines between words; a word wider than a line is broken between its characters. */
function broken(runs: readonly Run[], width: number, most: number, measure: Measure): Line[] {
  const lines: Line[] = [[]];
  let used = 0;
  const put = (unit: readonly Run[], wide: number): void => {
    if (used > 0 && used + wide > width) {
      lines.push([]);
      used = 0;
    }
    for (const { text, font } of unit) {
      const line = lines.at(-1);
      const last = line?.at(-1);
      if (last?.font === font) last.text += text;
      else line?.push({ text, font });
      used += measure(text, font);
    }
  };
  for (const unit of unitsOf(runs)) {
    if (lines.length > most) break;
    const wide = unit.reduce((sum, { text, font }) => sum + measure(text.trimEnd(), font), 0);
    if (wide <= width) put(unit, wide);
    else for (const { text, font } of unit) for (const char of text) put([{ text: char, font }], measure(char.trimEnd(), font));
  }
  return lines.slice(0, most);
}
