/** A document as a small picture: boxes, frames and arrows in a plane of its own. It decides shapes alone; colours are the reader's. */
import { boxesOf, type Box } from "./places";
import { portOf, titleOf, type DocumentEdge, type DocumentNode, type FlowDocument } from "./types";

export interface Pictured extends Box {
  id: string;
  type: string;
  title: string;
}

export interface Picture {
  /** What of the plane is seen: its corner and its size. */
  view: Box;
  frames: Pictured[];
  cards: Pictured[];
  notes: Box[];
  /** SVG paths of the arrows; an undo is drawn as one. */
  arrows: { key: string; path: string; isUndo: boolean }[];
}

const MARGIN = 36;
/** From the top of a card to where arrows come in and go out. */
const ENTRY = 30;
const BACK = 32;
const NOTE = { width: 220, height: 100 };

export function pictureOf(document: FlowDocument): Picture {
  const parents = new Set(document.nodes.map((node) => node.parent));
  const holds = (node: DocumentNode): boolean => parents.has(node.id);
  const boxes = boxesOf(document, holds);
  const drawn = document.nodes.map((node) => ({ id: node.id, type: node.type, title: titleOf(node), holds: holds(node), ...(boxes.get(node.id) ?? { x: 0, y: 0, width: 0, height: 0 }) }));
  const notes = (document.notes ?? []).map((note) => ({ ...note.position, width: note.width ?? NOTE.width, height: note.height ?? NOTE.height }));
  return {
    view: around([...drawn, ...notes]),
    frames: drawn.filter((box) => box.holds),
    cards: drawn.filter((box) => !box.holds),
    notes,
    arrows: document.edges.flatMap((edge) => {
      const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
      return from === undefined || to === undefined ? [] : [arrow(edge, from, to)];
    }),
  };
}

function around(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 1, height: 1 };
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function arrow(edge: DocumentEdge, from: Box, to: Box): Picture["arrows"][number] {
  const isUndo = portOf(edge) === "compensate";
  const key = `${edge.from}:${portOf(edge)}>${edge.to}`;
  if (isUndo) {
    const start = `${from.x + from.width / 2} ${from.y + from.height}`;
    return { key, isUndo, path: `M${start}L${to.x + to.width / 2} ${to.y}` };
  }
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + ENTRY, to.x, to.y + ENTRY];
  if (x2 < x1) {
    // On its way back it runs in the gap above its target.
    const gap = y2 > y1 ? y2 - ENTRY - BACK : y1 - ENTRY - BACK;
    return { key, isUndo, path: `M${x1} ${y1}C${x1 + BACK} ${y1} ${x1 + BACK} ${gap} ${x1} ${gap}L${x2} ${gap}C${x2 - BACK} ${gap} ${x2 - BACK} ${y2} ${x2} ${y2}` };
  }
  const bend = Math.max(36, (x2 - x1) / 2);
  return { key, isUndo, path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}` };
}
