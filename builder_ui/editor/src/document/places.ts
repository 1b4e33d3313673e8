/** Where things stand on the canvas: sizes of cards, frames around containers, free places, neighbours. */
import { withDescendants } from "./graph";
import type { DocumentNode, FlowDocument, Position } from "./types";

export interface Size {
  width: number;
  height: number;
}
export interface Box extends Position, Size {}

/** The anatomy of a card, in canvas pixels. */
export const CARD: Size = { width: 220, height: 88 };
export const GRID = 8;
export const FRAME = { side: 32, top: 48, bottom: 28, minimum: { width: 300, height: 164 }, foldedHeight: 88 } as const;
/** From one card to the next. */
export const GAP = { x: 80, y: 56 } as const;

export const snapped = ({ x, y }: Position): Position => ({ x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID });

/** Where a node stands; nodes that were never placed line up in order. */
export function placeOf(node: DocumentNode, index: number): Position {
  return node.position ?? { x: (index % 6) * (CARD.width + GAP.x), y: Math.floor(index / 6) * (CARD.height + GAP.y) };
}

export type BoxOf = (id: string) => Box | undefined;

/** The frame around what a container holds; `place` and the least size where it holds nothing. */
export function frameAround(boxes: readonly Box[], place: Position): Box {
  if (boxes.length === 0) return { ...place, ...FRAME.minimum };
  const left = Math.min(...boxes.map((box) => box.x)) - FRAME.side;
  const top = Math.min(...boxes.map((box) => box.y)) - FRAME.top;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + FRAME.side;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + FRAME.bottom;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The boxes of all nodes: cards as drawn or of the usual size, containers around what they hold. */
export function boxesOf(
  document: FlowDocument,
  isContainer: (node: DocumentNode) => boolean,
  sizes: ReadonlyMap<string, Size> = new Map(),
): Map<string, Box> {
  const children = new Map<string, DocumentNode[]>();
  for (const node of document.nodes) {
    if (node.parent != null) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  }
  const order = new Map(document.nodes.map((node, index) => [node.id, index]));
  const boxes = new Map<string, Box>();
  const visit = (node: DocumentNode): Box => {
    const known = boxes.get(node.id);
    if (known) return known;
    const place = placeOf(node, order.get(node.id) ?? 0);
    const box = isContainer(node)
      ? frameAround((children.get(node.id) ?? []).map(visit), place)
      : { ...place, ...(sizes.get(node.id) ?? CARD) };
    boxes.set(node.id, box);
    return box;
  };
  document.nodes.forEach(visit);
  return boxes;
}

/** The boxes as they are drawn: a folded container is as big as a card, at the corner of its frame. */
export function withFolded(boxes: Map<string, Box>, folded: ReadonlySet<string>): Map<string, Box> {
  for (const id of folded) {
    const box = boxes.get(id);
    if (box) boxes.set(id, { ...box, width: CARD.width, height: FRAME.foldedHeight });
  }
  return boxes;
}

const overlap = (a: Box, b: Box, gap: number): boolean =>
  a.x < b.x + b.width + gap && b.x < a.x + a.width + gap && a.y < b.y + b.height + gap && b.y < a.y + a.height + gap;

/** The place nearest below `wanted` where a card overlaps nothing. */
export function freePlace(wanted: Position, boxes: Iterable<Box>, size: Size = CARD): Position {
  const others = [...boxes];
  let place = snapped(wanted);
  for (let tries = 0; tries < 200; tries += 1) {
    const hit = others.find((other) => overlap({ ...place, ...size }, other, 16));
    if (hit === undefined) return place;
    place = snapped({ x: place.x, y: hit.y + hit.height + 24 });
  }
  return place;
}

export type Way = "left" | "right" | "up" | "down";

/** The node nearest to another in one direction: near in that direction, and not far aside. */
export function neighbour(from: string, way: Way, boxes: ReadonlyMap<string, Box>): string | null {
  const here = boxes.get(from);
  if (here === undefined) return null;
  const centre = (box: Box): Position => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const c = centre(here);
  let best: { id: string; cost: number } | null = null;
  for (const [id, box] of boxes) {
    if (id === from) continue;
    const d = { x: centre(box).x - c.x, y: centre(box).y - c.y };
    const along = way === "left" ? -d.x : way === "right" ? d.x : way === "up" ? -d.y : d.y;
    const aside = Math.abs(way === "left" || way === "right" ? d.y : d.x);
    if (along <= 1 || aside > along * 2.5) continue;
    const cost = along + aside * 2;
    if (best === null || cost < best.cost) best = { id, cost };
  }
  return best?.id ?? null;
}

/** Moves for nodes and all that they hold, by one distance. */
export function movesOf(document: FlowDocument, ids: Iterable<string>, by: Position): Record<string, Position> {
  const moving = withDescendants(document, ids);
  const moves: [string, Position][] = [];
  document.nodes.forEach((node, index) => {
    const place = placeOf(node, index);
    if (moving.has(node.id)) moves.push([node.id, { x: place.x + by.x, y: place.y + by.y }]);
  });
  for (const note of document.notes ?? []) {
    if (note.parent != null && moving.has(note.parent)) {
      moves.push([note.id, { x: note.position.x + by.x, y: note.position.y + by.y }]);
    }
  }
  return Object.fromEntries(moves);
}
