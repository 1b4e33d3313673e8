/**
 * A flow as one SVG text that needs nothing beside it.
 *
 * It decides shapes and places. Which words, colours and icons are shown, and how wide words are, is told to it; every
 * word passes `escaped`, so that no label can become markup. No element refers to anything outside the text.
 */
import type { Box } from "../places";
import type { Position } from "../types";
import { cut, escaped, noteLines, type Font, type Measure } from "./words";

/** The shapes of an icon on a square of 24. */
export type Icon = readonly string[];

export interface Port extends Position {
  /** Said beside it; empty where the card has but this one. */
  name: string;
  isError: boolean;
}

/** The path of a status on a square of 16. */
export interface StatusMark {
  path: string;
  colour: string;
}

export interface DrawnCard extends Box {
  title: string;
  summary: string;
  /** Whether the summary is said in the mono font, as data is. */
  isData: boolean;
  foot: string;
  icon: Icon;
  hue: string;
  border: string;
  isDashed: boolean;
  isFaded: boolean;
  isOff: boolean;
  status: StatusMark | null;
  marks: { text: string; icon: Icon | null; isStrong: boolean }[];
  ports: Port[];
}

export interface DrawnFrame extends Box {
  title: string;
  tag: string;
  inside: string;
  isFolded: boolean;
  border: string;
  status: StatusMark | null;
  ports: Port[];
}

export interface DrawnNote extends Box {
  text: string;
  colour: string;
  /** Nodes lie on it: it is drawn as the frame around them. */
  isGroup: boolean;
}

export interface DrawnArrow {
  path: string;
  colour: string;
  width: number;
  opacity: number;
  dash: string | null;
  /** Where its head ends; null where it has none. */
  tip: Position | null;
}

export interface Drawing {
  title: string;
  notes: readonly DrawnNote[];
  frames: readonly DrawnFrame[];
  arrows: readonly DrawnArrow[];
  cards: readonly DrawnCard[];
}

export interface Look {
  colours: Record<"bg" | "panel" | "line" | "ink" | "ink-2" | "ink-3" | "accent" | "flow" | "bad" | "note-ink" | "line-strong", string>;
  text: string;
  mono: string;
  /** The rules that bring the fonts along; empty where those of the reader's system are meant. */
  faces: string;
}

const MARGIN = 48;
const PORT = 4.5;
const TITLE: Font = { size: 13, weight: 600 };
const SUMMARY: Font = { size: 11.5, weight: 400 };
const DATA: Font = { size: 11, weight: 400, mono: true };
const SMALL: Font = { size: 11.5, weight: 400 };
const TAG: Font = { size: 10.5, weight: 400 };
const NOTE = { size: 12, step: 17.4, side: 12, top: 9 } as const;
const HEAD = { icon: 34, left: 10, top: 9.5, words: 54, line: 54 } as const;

const n = (value: number): string => String(Math.round(value * 100) / 100);

/** What of the plane is shown: all that is drawn, with room around it for the names of ports. */
export function extentOf(drawing: Drawing): Box {
  const boxes = [...drawing.notes, ...drawing.frames, ...drawing.cards];
  if (boxes.length === 0) return { x: 0, y: 0, width: 2 * MARGIN, height: 2 * MARGIN };
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function svgOf(drawing: Drawing, look: Look, measure: Measure): string {
  const { x, y, width, height } = extentOf(drawing);
  const pen = penOf(look, measure);
  const parts = [
    ...drawing.notes.map(pen.note),
    ...drawing.frames.map(pen.frame),
    ...drawing.arrows.map(pen.arrow),
    ...drawing.cards.map(pen.card),
    ...[...drawing.frames, ...drawing.cards].map(pen.ports),
  ];
  const frame = `x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="${n(x)} ${n(y)} ${n(width)} ${n(height)}" role="img">`,
    `<title>${escaped(drawing.title)}</title>`,
    look.faces === "" ? "" : `<style>${look.faces}</style>`,
    `<rect ${frame} fill="${escaped(look.colours.bg)}"/>`,
    ...parts,
    "</svg>\n",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function penOf(look: Look, measure: Measure) {
  const { colours } = look;
  const family = (font: Font): string => escaped(font.mono ? look.mono : look.text);
  const said = (font: Font): string => `font-family="${family(font)}" font-size="${n(font.size)}"${font.weight === 400 ? "" : ` font-weight="${font.weight}"`}${font.slanted ? ' font-style="italic"' : ""}`;
  const words = (at: Position, text: string, font: Font, fill: string, more = ""): string =>
    text === "" ? "" : `<text x="${n(at.x)}" y="${n(at.y)}" ${said(font)} fill="${escaped(fill)}"${more}>${escaped(text)}</text>`;
  const glyph = (shapes: Icon, at: Position, size: number, stroke: string): string =>
    `<g transform="translate(${n(at.x)} ${n(at.y)}) scale(${n(size / 24)})" fill="none" stroke="${escaped(stroke)}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">${shapes.map((d) => `<path d="${escaped(d)}"/>`).join("")}</g>`;

  const statusOf = (status: StatusMark | null, at: Position): string => {
    if (status === null) return "";
    const colour = escaped(status.colour);
    return `<g transform="translate(${n(at.x)} ${n(at.y)}) scale(0.94)"><circle cx="8" cy="8" r="7" fill="${colour}" fill-opacity="0.16"/><path d="${escaped(status.path)}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></g>`;
  };

  /** Marks from the right edge inwards; answers with how much room is left beside them. */
  const marksOf = (card: DrawnCard): { drawn: string; left: number } => {
    let right = card.x + card.width - 12;
    const drawn: string[] = [];
    for (const mark of [...card.marks].reverse()) {
      const room = mark.icon === null ? 0 : 13;
      const width = measure(mark.text, TAG) + room + 10;
      const [x, y] = [right - width, card.y + HEAD.line + 8];
      const ink = mark.isStrong ? colours.accent : colours["ink-2"];
      drawn.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="18" rx="5" fill="${escaped(colours.panel)}" stroke="${escaped(mark.isStrong ? colours.accent : colours.line)}"${mark.isStrong ? ' stroke-opacity="0.5"' : ""}/>`);
      if (mark.icon !== null) drawn.push(glyph(mark.icon, { x: x + 5, y: y + 3.5 }, 11, ink));
      drawn.push(words({ x: x + 5 + room, y: y + 12.5 }, mark.text, TAG, ink));
      right = x - 4;
    }
    return { drawn: drawn.join(""), left: right - card.x - 10 };
  };

  const card = (card: DrawnCard): string => {
    const { x, y, width, height } = card;
    const room = width - HEAD.words - 12;
    const font = card.isData ? DATA : SUMMARY;
    const marks = marksOf(card);
    const beside = card.status === null ? 0 : 22;
    const parts = [
      `<rect x="${n(x + 0.5)}" y="${n(y + 0.5)}" width="${n(width - 1)}" height="${n(height - 1)}" rx="11" fill="${escaped(colours.panel)}" stroke="${escaped(card.border)}"${card.isDashed ? ' stroke-dasharray="4 3"' : ""}/>`,
      `<rect x="${n(x + HEAD.left)}" y="${n(y + HEAD.top)}" width="${HEAD.icon}" height="${HEAD.icon}" rx="9" fill="${escaped(card.hue)}" fill-opacity="0.12"/>`,
      glyph(card.icon, { x: x + HEAD.left + 7.5, y: y + HEAD.top + 7.5 }, 19, card.hue),
      words({ x: x + HEAD.words, y: y + 23.5 }, cut(card.title, room, TITLE, measure), TITLE, card.isOff ? colours["ink-2"] : colours.ink, card.isOff ? ' text-decoration="line-through"' : ""),
      words({ x: x + HEAD.words, y: y + 40.5 }, cut(card.summary, room, font, measure), font, colours["ink-2"]),
      `<path d="M${n(x + 10)} ${n(y + HEAD.line)}H${n(x + width - 12)}" stroke="${escaped(colours.line)}"/>`,
      statusOf(card.status, { x: x + 10, y: y + HEAD.line + 9 }),
      words({ x: x + 10 + beside, y: y + HEAD.line + 21 }, cut(card.foot, marks.left - beside, SMALL, measure), SMALL, colours["ink-2"]),
      marks.drawn,
    ];
    return `<g${card.isFaded ? ' opacity="0.62"' : ""}>${parts.join("")}</g>`;
  };

  const frame = (frame: DrawnFrame): string => {
    const { x, y, width, height } = frame;
    const beside = frame.status === null ? 0 : 22;
    const tagWidth = frame.tag === "" ? 0 : measure(frame.tag, TAG) + 12;
    const font: Font = { size: 12, weight: 600 };
    const title = cut(frame.title, Math.max(40, width - 36 - beside - tagWidth), font, measure);
    const after = x + 14 + beside + measure(title, font) + 8;
    const look = frame.isFolded ? `fill="${escaped(colours.panel)}"` : `fill="${escaped(colours.flow)}" fill-opacity="0.04" stroke-dasharray="5 4"`;
    return [
      `<rect x="${n(x + 0.75)}" y="${n(y + 0.75)}" width="${n(width - 1.5)}" height="${n(height - 1.5)}" rx="14" ${look} stroke="${escaped(frame.border)}" stroke-width="1.5" stroke-opacity="0.6"/>`,
      statusOf(frame.status, { x: x + 14, y: y + 11 }),
      words({ x: x + 14 + beside, y: y + 22.5 }, title, font, colours.flow),
      frame.tag === "" ? "" : `<rect x="${n(after)}" y="${n(y + 9.5)}" width="${n(tagWidth)}" height="17" rx="5" fill="${escaped(colours.panel)}" stroke="${escaped(colours["line-strong"])}"/>`,
      words({ x: after + 6, y: y + 21.5 }, frame.tag, TAG, colours["ink-2"]),
      words({ x: x + 14, y: y + 50 }, frame.inside, SMALL, colours["ink-2"]),
    ].join("");
  };

  const note = (note: DrawnNote): string => {
    const most = Math.max(1, Math.floor((note.height - NOTE.top) / NOTE.step));
    const lines = noteLines(note.text, note.width - 2 * NOTE.side, NOTE.size, most, measure);
    const drawn = lines.map((line, at) => {
      const spans = line.map((run) => `<tspan ${said(run.font)}>${escaped(run.text)}</tspan>`).join("");
      return `<text xml:space="preserve" x="${n(note.x + NOTE.side)}" y="${n(note.y + NOTE.top + NOTE.step * at + 12.5)}" fill="${escaped(colours["note-ink"])}">${spans}</text>`;
    });
    return `<rect x="${n(note.x)}" y="${n(note.y)}" width="${n(note.width)}" height="${n(note.height)}" rx="9" fill="${escaped(note.colour)}"${note.isGroup ? ` stroke="${escaped(colours["line-strong"])}"` : ""}/>${drawn.join("")}`;
  };

  const arrow = (arrow: DrawnArrow): string => {
    const colour = `"${escaped(arrow.colour)}"`;
    const line = `<path d="${escaped(arrow.path)}" fill="none" stroke=${colour} stroke-width="${n(arrow.width)}" stroke-opacity="${n(arrow.opacity)}"${arrow.dash === null ? "" : ` stroke-dasharray="${escaped(arrow.dash)}"`}/>`;
    return arrow.tip === null ? line : `${line}<path d="M${n(arrow.tip.x - 6)} ${n(arrow.tip.y)}l-7 -4v8z" fill=${colour} fill-opacity="${n(Math.min(1, arrow.opacity + 0.1))}"/>`;
  };

  const port = ({ x, y, name, isError }: Port): string => {
    const spot = `<circle cx="${n(x)}" cy="${n(y)}" r="${PORT}" fill="${escaped(colours.panel)}" stroke="${escaped(isError ? colours.bad : colours["ink-3"])}" stroke-width="2"/>`;
    return spot + words({ x: x + 13, y: y - 7 }, cut(name, 110, TAG, measure), TAG, colours["ink-2"]);
  };
  const ports = (of: DrawnCard | DrawnFrame): string => of.ports.map(port).join("");

  return { card, frame, note, arrow, ports };
}

/** Browsers draw no canvas beyond these. */
const MOST_SIDE = 16_000;
const MOST_AREA = 100_000_000;

/** How many pixels of a PNG stand for one of the drawing: two, or as many as can be drawn. */
export function scaleOf({ width, height }: { width: number; height: number }): number {
  return Math.min(2, MOST_SIDE / Math.max(width, height), Math.sqrt(MOST_AREA / (width * height)));
}
