/** The line of an arrow: a soft curve forwards, a rounded way around backwards. */
import { getBezierPath, getSmoothStepPath, Position as Side, type EdgeProps } from "@xyflow/react";
import type { Position } from "@/document/types";
import type { DrawnNode } from "./drawn";

export type Ends = Pick<EdgeProps, "sourceX" | "sourceY" | "targetX" | "targetY" | "sourcePosition" | "targetPosition">;

/** How far above its entry a card or a frame begins, and the room above that. */
const ABOVE = 28 + 26;

/** The path and the place of its middle. */
export function pathOf(ends: Ends): { path: string; x: number; y: number } {
  const isBackwards = ends.sourcePosition === Side.Right && ends.targetX < ends.sourceX + 24;
  if (!isBackwards) {
    const [path, x, y] = getBezierPath({ ...ends, curvature: 0.3 });
    return { path, x, y };
  }
  // On its way back the arrow runs in the gap above its target, not through what stands between.
  const isBelow = ends.targetY > ends.sourceY + ABOVE + 40;
  const [path, x, y] = getSmoothStepPath({ ...ends, borderRadius: 18, offset: 28, ...(isBelow ? { centerY: ends.targetY - ABOVE } : {}) });
  return { path, x, y };
}

/** A small arrowhead that ends at the port, drawn for arrows that come from the left. */
export const tipAt = (x: number, y: number): string => `M${x - 6} ${y} l-7 -4 v8 z`;

/** Where arrows leave from and come in, as the graph library counts it: the outer edge of the port. */
export function endOf(node: DrawnNode, handle: string): { at: Position; side: Side } | null {
  const found = node.handles?.find((each) => each.id === handle);
  if (found === undefined) return null;
  const { x, y, width = 0, height = 0, position } = found;
  const place = { x: node.position.x + x, y: node.position.y + y };
  const ends: Record<`${Side}`, Position> = {
    right: { x: place.x + width, y: place.y + height / 2 },
    left: { x: place.x, y: place.y + height / 2 },
    top: { x: place.x + width / 2, y: place.y },
    bottom: { x: place.x + width / 2, y: place.y + height },
  };
  return { at: ends[position], side: position };
}

/** The ends of an arrow between two nodes that stand so; null where a port is gone. */
export function endsOf(source: DrawnNode, port: string, target: DrawnNode, entry: string): Ends | null {
  const [from, to] = [endOf(source, port), endOf(target, entry)];
  if (from === null || to === null) return null;
  return { sourceX: from.at.x, sourceY: from.at.y, targetX: to.at.x, targetY: to.at.y, sourcePosition: from.side, targetPosition: to.side };
}
