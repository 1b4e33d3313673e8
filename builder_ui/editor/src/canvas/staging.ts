/**
 * Which cards and arrows of a large flow stand as elements on the canvas: those in view, and around them a margin. What does
 * not stand is seen as its silhouette, so nothing hurries: it says what is to come, in which order, and what has to go; how
 * much of it a frame pays for is told to it. Pure: it knows places and sizes, not how anything is drawn.
 */
import type { Box } from "@/document/places";
import type { DrawnEdge, DrawnNode } from "./drawn";

/** A flow of so few stands whole, always. */
export const SMALL = 80;
/** So many frames and notes stand whole too: they have no silhouettes, for one sees through them. */
const FIRM = 120;
/** The margin on each side in which cards are put up, and that beyond which they are taken down, in parts of the view. */
const MARGIN = 0.15;
const KEPT = 0.25;

/** Below this zoom nobody reads. */
export const isFarAt = (zoom: number): boolean => zoom < 0.3;

/** A card that can be read, or a shape that can only be taken hold of. */
export type Form = "card" | "shape";
export type Standing = ReadonlyMap<string, Form>;
export const formAt = (isFar: boolean): Form => (isFar ? "shape" : "card");

export interface Look {
  /** What is seen, in canvas pixels. */
  view: Box;
  isFar: boolean;
  /** What stands before all others. */
  first?: string | null;
  /** What has the focus, which would be lost with it: it stays up wherever it is. */
  focused?: string | null;
}

export interface Coming {
  id: string;
  isSeen: boolean;
}

export interface Plan {
  /** What stands, whatever it needs. */
  standing: Map<string, Form>;
  /** What is to be put up, or to turn into the other form, what matters most first. */
  coming: Coming[];
  leaving: string[];
}

const boxOf = ({ position: { x, y }, width = 0, height = 0 }: DrawnNode): Box => ({ x, y, width, height });
const meets = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const grown = ({ x, y, width, height }: Box, by: number): Box => ({ x: x - by * width, y: y - by * height, width: width * (1 + 2 * by), height: height * (1 + 2 * by) });
const apart = (a: Box, b: Box): number => Math.max(a.x - b.x - b.width, b.x - a.x - a.width, a.y - b.y - b.height, b.y - a.y - a.height);

/** Farther than anything on a canvas. */
const FARTHEST = 1e9;

/** What has to come and to go, beside what stands. */
export function planOf(standing: Standing, nodes: readonly DrawnNode[], { view, isFar, first = null, focused = null }: Look): Plan {
  const isSmall = nodes.length <= SMALL;
  const isFirm = isSmall || nodes.filter((node) => node.type !== "card").length <= FIRM;
  const form = formAt(isFar);
  const [inside, outside, middle] = [grown(view, MARGIN), grown(view, KEPT), grown(view, -0.5)];
  const plan: Plan = { standing: new Map(), coming: [], leaving: [] };
  const ranks = new Map<string, number>();
  for (const node of nodes) {
    const { id } = node;
    const box = boxOf(node);
    if (node.type !== "card") {
      if (isFirm || meets(box, standing.has(id) ? outside : inside)) plan.standing.set(id, "card");
      continue;
    }
    const now = standing.get(id);
    if (now !== undefined) plan.standing.set(id, now);
    const isSeen = meets(box, view);
    if (isSmall || isSeen || meets(box, inside)) {
      if (now === form) continue;
      plan.coming.push({ id, isSeen });
      ranks.set(id, id === first ? -9 * FARTHEST : apart(box, middle) + (isSeen ? 0 : FARTHEST) - (node.selected ? 3 * FARTHEST : 0));
    } else if (now !== undefined && id !== focused && !meets(box, outside)) plan.leaving.push(id);
  }
  const rank = ({ id }: Coming): number => ranks.get(id) ?? 0;
  plan.coming.sort((one, other) => rank(one) - rank(other));
  return plan;
}

/** What a frame is spent on: cards that come, shapes that do, arrows, or what goes. */
export type Work = { kind: Form | "arrows" | "leaving"; ids: string[] };

/** So many that should go make it worth while to take some down while a hand moves, and so many are taken down in a frame. */
const LEAVING = { least: 12, moving: 20 } as const;

/** What matters most of what is missing; null where nothing is. While a hand moves arrows stay as they are: their silhouettes are there. */
export function nextOf({ coming, leaving }: Plan, { missing, isOver }: { missing: string[]; isOver: boolean }, { isFar, isMoving }: { isFar: boolean; isMoving: boolean }): Work | null {
  const cards = (those: readonly Coming[]): Work => ({ kind: formAt(isFar), ids: those.map(({ id }) => id) });
  const seen = coming.filter((each) => each.isSeen);
  if (isMoving) {
    // On a long way something always comes: what goes may not wait for its end, for all that stand cost every frame.
    if (leaving.length >= LEAVING.least) return { kind: "leaving", ids: leaving.slice(0, LEAVING.moving) };
    return coming.length > 0 ? cards(coming) : null;
  }
  // From afar the arrows go first: those that stand are thinner than what is seen of the others.
  const isThin = isFar && isOver;
  if (seen.length > 0 && !isThin) return cards(seen);
  if (missing.length > 0 || isOver) return { kind: "arrows", ids: missing };
  if (leaving.length > 0) return { kind: "leaving", ids: leaving };
  return coming.length > 0 ? cards(coming) : null;
}

/** The card under a place of the canvas; of several the one on top. */
export function cardAt(nodes: readonly DrawnNode[], x: number, y: number): string | null {
  let found: DrawnNode | null = null;
  for (const node of nodes) {
    const isHere = node.type === "card" && meets(boxOf(node), { x, y, width: 0, height: 0 });
    if (isHere && (found === null || (node.zIndex ?? 0) >= (found.zIndex ?? 0))) found = node;
  }
  return found?.id ?? null;
}

/** All that a lasso around this part of the canvas takes: what it touches, and the arrows of that. */
export function lassoed(around: Box, nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): { nodes: string[]; notes: string[]; edges: string[] } {
  const touched = nodes.filter((node) => node.selectable !== false && meets(boxOf(node), around));
  const ids = new Set(touched.map((node) => node.id));
  return {
    nodes: touched.flatMap((node) => (node.type === "note" ? [] : [node.id])),
    notes: touched.flatMap((node) => (node.type === "note" ? [node.id] : [])),
    edges: edges.filter(({ source, target, selectable }) => selectable !== false && (ids.has(source) || ids.has(target))).map((edge) => edge.id),
  };
}

/** What the hand holds and what goes along with it: those that are not where the scene has them. */
export function heldOf(nodes: readonly DrawnNode[], placed: readonly DrawnNode[]): ReadonlySet<string> {
  return nodes === placed ? NONE : new Set(nodes.flatMap((node, at) => (node === placed[at] ? [] : [node.id])));
}
const NONE: ReadonlySet<string> = new Set();

/** The arrows that should stand: near, those in view; from afar only what is selected or held, for none is hit by a hand there. */
export function arrowsOf(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[], { view, isFar }: Look, held: ReadonlySet<string>): string[] {
  const isSmall = nodes.length <= SMALL;
  const inside = grown(view, MARGIN);
  const boxes = isFar || isSmall ? null : new Map(nodes.map((node) => [node.id, boxOf(node)]));
  const isNeeded = ({ source, target, selected }: DrawnEdge): boolean => {
    if (selected || held.has(source) || held.has(target)) return true;
    return boxes === null ? !isFar : crosses(boxes.get(source), boxes.get(target), inside);
  };
  return edges.filter(isNeeded).map((edge) => edge.id);
}

/** What the graph library is given: what stands, in its form, with the ends of the arrows that stand, and all that is selected. */
export function castOf(standing: Standing, arrows: ReadonlySet<string>, nodes: readonly DrawnNode[], edges: readonly DrawnEdge[], isFar: boolean): { nodes: DrawnNode[]; edges: DrawnEdge[] } {
  const needed = new Set<string>();
  const given = edges.flatMap((edge) => {
    if (!arrows.has(edge.id)) return [];
    needed.add(edge.source).add(edge.target);
    return [isFar ? farOf(edge) : edge];
  });
  const cast = nodes.flatMap((node) => {
    const form = standing.get(node.id);
    if (form === undefined) return needed.has(node.id) || node.selected ? [hiddenOf(node)] : [];
    return [form === "shape" && node.type === "card" ? shapeOf(node) : node];
  });
  return { nodes: cast, edges: given };
}

/** Always the same object for the same one: another would be drawn anew. */
function kept<T extends object>(make: (from: T) => T): (from: T) => T {
  const known = new WeakMap<T, T>();
  return (from) => {
    const made = known.get(from) ?? make(from);
    known.set(from, made);
    return made;
  };
}

/** A node that is known and not drawn: an arrow needs its place, or it is selected. */
const hiddenOf = kept<DrawnNode>((node) => ({ ...node, hidden: true }));
const shapeData = kept<Extract<DrawnNode, { type?: "card" }>["data"]>((data) => ({ ...data, isShape: true }));
const shapeOf = kept<DrawnNode>((node) => (node.type === "card" ? { ...node, data: shapeData(node.data) } : node));
const farOf = kept<DrawnEdge>((edge) => (edge.data === undefined ? edge : { ...edge, data: { ...edge.data, isFar: true } }));

function crosses(from: Box | undefined, to: Box | undefined, view: Box): boolean {
  if (from === undefined || to === undefined) return false;
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  const [right, bottom] = [Math.max(from.x + from.width, to.x + to.width), Math.max(from.y + from.height, to.y + to.height)];
  return meets({ x, y, width: right - x, height: bottom - y }, view);
}

export interface Pace {
  /** How many are put up in so many milliseconds; one at least. */
  most: (budget: number) => number;
  took: (ms: number, count: number) => void;
}

/** How many milliseconds one of a kind takes to be drawn, learnt as it goes; `each` is what is thought at first. */
export function paceOf(each: number): Pace {
  return {
    most: (budget) => Math.max(1, Math.floor(budget / each)),
    took: (ms, count) => {
      if (count > 0) each = Math.max(LEAST, (each + ms / count) / 2);
    },
  };
}
const LEAST = 0.02;
