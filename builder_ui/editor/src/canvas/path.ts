/** The line of an arrow: a soft curve forwards, a rounded way around backwards. */
import { getBezierPath, getSmoothStepPath, Position as Side, type EdgeProps } from "@xyflow/react";

export type Ends = Pick<EdgeProps, "sourceX" | "sourceY" | "targetX" | "targetY" | "sourcePosition" | "targetPosition">;

/** The path and the place of its middle. */
export function pathOf(ends: Ends): { path: string; x: number; y: number } {
  const isBackwards = ends.sourcePosition === Side.Right && ends.targetX < ends.sourceX + 24;
  const [path, x, y] = isBackwards ? getSmoothStepPath({ ...ends, borderRadius: 18, offset: 28 }) : getBezierPath({ ...ends, curvature: 0.3 });
  return { path, x, y };
}
