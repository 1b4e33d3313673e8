/** The flow painted in small: where each node falls on it, in which colour, and what of it is seen. */
import type { Viewport } from "@xyflow/react";
import type { Overlay } from "@/store/overlay";
import { LOOKS } from "@/ui/status";
import { boundsOf, type DrawnNode } from "./drawn";

export const SIZE = { width: 168, height: 104 } as const;
/** Room around the nodes, in pixels of the small picture, and the least that is painted of a node or shown of the window. */
const ROOM = 8;
const LEAST = 2;
const LEAST_SEEN = 6;

/** The place of the canvas at the picture's left upper corner, and how many of its pixels one of the canvas becomes. */
export interface Extent {
  x: number;
  y: number;
  scale: number;
}

export function extentOf(nodes: readonly DrawnNode[]): Extent | null {
  const bounds = boundsOf(nodes);
  if (bounds === null) return null;
  const { left, top, right, bottom } = bounds;
  const scale = Math.min((SIZE.width - 2 * ROOM) / Math.max(1, right - left), (SIZE.height - 2 * ROOM) / Math.max(1, bottom - top));
  return { x: (left + right - SIZE.width / scale) / 2, y: (top + bottom - SIZE.height / scale) / 2, scale };
}

/** The window that is seen, on the picture; some of it always is. */
export function insideOf({ x, y, scale }: Extent, { x: tx, y: ty, zoom }: Viewport, width: number, height: number): { x: number; y: number; w: number; h: number } {
  const [w, h] = [(width / zoom) * scale, (height / zoom) * scale];
  const within = (at: number, size: number, most: number): number => Math.round(Math.min(most - LEAST_SEEN, Math.max(LEAST_SEEN - size, at)) * 10) / 10 + 0;
  return { x: within((-tx / zoom - x) * scale, w, SIZE.width), y: within((-ty / zoom - y) * scale, h, SIZE.height), w: Math.round(w), h: Math.round(h) };
}

export type Colors = (name: string) => string;

/** The colours of the theme as they are now, each asked for once: a picture knows no variables, and asking makes the page find its styles. */
export function colorsOf(element: Element): Colors {
  const told = getComputedStyle(element);
  const known = new Map<string, string>();
  return (name) => {
    const color = known.get(name) ?? told.getPropertyValue(`--${name}`).trim();
    known.set(name, color);
    return color;
  };
}

export function draw(sheet: HTMLCanvasElement, nodes: readonly DrawnNode[], overlay: Overlay | null, extent: Extent | null, colors: Colors): void {
  const context = sheet.getContext("2d");
  if (context === null) return;
  const dense = window.devicePixelRatio || 1;
  const [wide, high] = [Math.floor(SIZE.width * dense), Math.floor(SIZE.height * dense)];
  if (sheet.width !== wide || sheet.height !== high) Object.assign(sheet, { width: wide, height: high });
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.clearRect(0, 0, SIZE.width + 1, SIZE.height + 1);
  if (extent === null) return;
  const isRound = nodes.length <= MANY;
  for (const node of nodes) {
    const [x, y] = [(node.position.x - extent.x) * extent.scale, (node.position.y - extent.y) * extent.scale];
    const [w, h] = [Math.max(LEAST, (node.width ?? 0) * extent.scale), Math.max(LEAST, (node.height ?? 0) * extent.scale)];
    context.globalAlpha = node.type === "frame" ? 0.14 : 1;
    context.fillStyle = colors(colorOf(node, overlay));
    if (isRound) {
      context.beginPath();
      context.roundRect(x, y, w, h, Math.min(h / 3, 14 * extent.scale));
      context.fill();
    } else context.fillRect(x, y, w, h);
  }
}

/** Beyond so many nodes a corner is smaller than a pixel. */
const MANY = 200;

/** The name of the colour that a node has in the small picture. */
export function colorOf(node: DrawnNode, overlay: Overlay | null): string {
  if (node.type === "note") return `note-${node.data.note.color ?? "yellow"}`;
  if (node.type === "frame") return "flow";
  const status = overlay?.nodes.get(node.id)?.status;
  return status === undefined || status === "pending" ? "line-strong" : LOOKS[status].hue;
}
