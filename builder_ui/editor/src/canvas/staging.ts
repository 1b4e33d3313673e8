/**
 * Which cards and arrows of a large flow stand on the canvas: all in view, and around them a margin that is filled and
 * cleared a few a frame, so that no frame of a movement pays for a whole column. From afar, where a card is but a shape,
 * all of them, and those in view too come a few a frame, from the middle outwards. Pure: it knows places and sizes, not
 * how anything is drawn.
 */
import type { Box } from "@/document/places";
import type { DrawnEdge, DrawnNode } from "./drawn";

/** A flow of so few stands whole, always. */
const SMALL = 80;
/** From afar so many stand all at once; of more, those around the view. */
const MOST = 2_000;
/** The margin on each side in which cards are put up, and that beyond which they are taken down, in parts of the view. */
const MARGIN = 0.15;
const KEPT = 0.25;
/** So many are put up at once, for shapes cost less, and so many taken down, which costs least; more while zooming shows more. */
const A_GROUP = { near: 3, zoomed: 10, far: 48, leaving: 60 } as const;

/** Cards turn into shapes, and shapes into cards, a part of them a frame. */
export const PARTS = 16;
/** The part of those that turn together. */
export function partOf(id: string): number {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 9_973;
  return sum % PARTS;
}
/** How many parts are shapes in the next frame: a shape is soon put up. */
export const nextTurned = (turned: number, isFar: boolean): number => (isFar ? Math.min(PARTS, turned + 4) : Math.max(0, turned - 1));

export interface Look {
  /** What is seen, in canvas pixels. */
  view: Box;
  isFar: boolean;
  /** Zoomed a moment ago: what came into view by that comes a few a frame too. */
  isZoomed?: boolean;
}

export interface Standing {
  standing: Set<string>;
  /** Whether that is all that should stand, and whether nothing more has to go. */
  isDone: boolean;
  isCleared: boolean;
}

const boxOf = ({ position: { x, y }, width = 0, height = 0 }: DrawnNode): Box => ({ x, y, width, height });
const meets = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const grown = ({ x, y, width, height }: Box, by: number): Box => ({ x: x - by * width, y: y - by * height, width: width * (1 + 2 * by), height: height * (1 + 2 * by) });
const apart = (a: Box, b: Box): number => Math.max(a.x - b.x - b.width, b.x - a.x - a.width, a.y - b.y - b.height, b.y - a.y - a.height);

/** What stands in the next frame. */
export function nextStanding(standing: ReadonlySet<string>, nodes: readonly DrawnNode[], { view, isFar, isZoomed = false }: Look): Standing {
  if (nodes.length <= SMALL) return { standing: new Set(nodes.map((node) => node.id)), isDone: true, isCleared: true };
  const isPaced = isFar || isZoomed;
  const isAll = isFar && nodes.length <= MOST;
  const [inside, outside] = [grown(view, MARGIN), grown(view, KEPT)];
  const middle = grown(view, -0.5);
  const after = new Set<string>();
  const coming: { id: string; apart: number }[] = [];
  const most = A_GROUP[isFar ? "far" : isZoomed ? "zoomed" : "near"];
  let leaving = 0;
  for (const node of nodes) {
    const box = boxOf(node);
    const isSeen = meets(box, view);
    if (isSeen && (!isPaced || standing.has(node.id))) after.add(node.id);
    else if (!standing.has(node.id)) {
      if (isSeen || isAll || meets(box, inside)) coming.push({ id: node.id, apart: apart(box, isPaced ? middle : view) });
    } else if (isAll || meets(box, outside) || leaving >= A_GROUP.leaving) after.add(node.id);
    else leaving += 1;
  }
  coming.sort((one, other) => one.apart - other.apart);
  for (const { id } of coming.slice(0, most)) after.add(id);
  const isCleared = leaving < A_GROUP.leaving;
  return { standing: after, isDone: coming.length <= most && isCleared, isCleared };
}

const unseen = new WeakMap<DrawnNode, DrawnNode>();

/** A node that is known and not drawn: an arrow needs its place, or it is selected. The same object for the same node. */
function hiddenOf(node: DrawnNode): DrawnNode {
  const known = unseen.get(node) ?? { ...node, hidden: true };
  unseen.set(node, known);
  return known;
}

/** What the graph library is given: what stands, the arrows that touch it or cross the view, and all that is selected. */
export function castOf(standing: ReadonlySet<string>, nodes: DrawnNode[], edges: DrawnEdge[], view: Box): { nodes: DrawnNode[]; edges: DrawnEdge[] } {
  if (nodes.length <= SMALL) return { nodes, edges };
  const boxes = new Map(nodes.map((node) => [node.id, boxOf(node)]));
  const needed = new Set<string>();
  const given = edges.filter(({ source, target, selected }) => {
    if (!selected && !standing.has(source) && !standing.has(target) && !crosses(boxes.get(source), boxes.get(target), view)) return false;
    needed.add(source).add(target);
    return true;
  });
  const cast = nodes.flatMap((node) => (standing.has(node.id) ? [node] : needed.has(node.id) || node.selected ? [hiddenOf(node)] : []));
  return { nodes: cast, edges: given };
}

function crosses(from: Box | undefined, to: Box | undefined, view: Box): boolean {
  if (from === undefined || to === undefined) return false;
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  const [right, bottom] = [Math.max(from.x + from.width, to.x + to.width), Math.max(from.y + from.height, to.y + to.height)];
  return meets({ x, y, width: right - x, height: bottom - y }, view);
}
