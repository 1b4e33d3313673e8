import { useEffect, useState } from "react";
import type { Position } from "@/document/types";
import { useText } from "@/i18n";
import { useShown } from "./shown";
import { nodeUnder } from "./under";
import style from "./Canvas.module.css";

/** While an arrow is drawn over a node it can't lead to: why not, beside the pointer. */
export function Why() {
  const text = useText();
  const connecting = useShown((state) => state.connecting);
  const [at, setAt] = useState<{ node: string; place: Position } | null>(null);
  useEffect(() => {
    if (connecting === null) return;
    const onMove = (event: PointerEvent) => {
      const node = nodeUnder({ x: event.clientX, y: event.clientY });
      setAt(node === null ? null : { node, place: { x: event.clientX, y: event.clientY } });
    };
    window.addEventListener("pointermove", onMove, true);
    return () => {
      window.removeEventListener("pointermove", onMove, true);
      setAt(null);
    };
  }, [connecting]);
  const why = connecting === null || at === null ? undefined : connecting.refused.get(at.node);
  if (at === null || why === undefined || at.node === connecting?.node) return null;
  return (
    <div className={style.why} role="status" style={{ position: "fixed", left: at.place.x + 14, top: at.place.y + 14 }}>
      {text(`canvas.refused.${why}`)}
    </div>
  );
}
