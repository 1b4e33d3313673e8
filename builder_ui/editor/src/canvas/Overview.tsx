import { MiniMap } from "@xyflow/react";
import { useCallback } from "react";
import { useText } from "@/i18n";
import { LOOKS } from "@/ui/status";
import type { DrawnNode } from "./drawn";
import { useShown } from "./shown";
import style from "./Canvas.module.css";

const SIZE = { width: 168, height: 104 };

/** The whole flow in small, in a run with the colours of the statuses. */
export function Overview() {
  const text = useText();
  const overlay = useShown((state) => state.overlay);
  const color = useCallback(
    (node: DrawnNode): string => {
      if (node.type === "note") return "var(--note-yellow)";
      if (node.type === "frame") return "color-mix(in srgb, var(--flow) 14%, transparent)";
      const status = overlay?.nodes.get(node.id)?.status;
      if (status === undefined) return "var(--line-strong)";
      return status === "pending" ? "var(--line-strong)" : `var(--${LOOKS[status].hue})`;
    },
    [overlay],
  );
  return (
    <MiniMap<DrawnNode>
      className={style.overview}
      style={SIZE}
      pannable
      zoomable
      nodeColor={color}
      nodeBorderRadius={14}
      nodeStrokeWidth={0}
      bgColor="var(--panel)"
      maskColor="color-mix(in srgb, var(--bg) 62%, transparent)"
      maskStrokeColor="var(--accent)"
      maskStrokeWidth={2}
      ariaLabel={text("canvas.minimap")}
    />
  );
}
