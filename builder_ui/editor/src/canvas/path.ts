/** The line of an arrow: a soft curve forwards, a rounded way around backwards. */
import { getBezierPath, getSmoothStepPath, Position as Side, type EdgeProps } from "@xyflow/react";

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
