import { getBezierPath, type ConnectionLineComponentProps } from "@xyflow/react";
import style from "./FlowEdge.module.css";

/** The arrow while it is being drawn. */
export function DraftEdge({ fromX, fromY, toX, toY, fromPosition, toPosition }: ConnectionLineComponentProps) {
  const [path] = getBezierPath({ sourceX: fromX, sourceY: fromY, targetX: toX, targetY: toY, sourcePosition: fromPosition, targetPosition: toPosition });
  return (
    <g className={style.why}>
      <path d={path} className={style.draft} />
      <circle cx={toX} cy={toY} r={4} fill="var(--accent)" />
    </g>
  );
}
