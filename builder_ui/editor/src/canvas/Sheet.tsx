import { useMemo } from "react";
import { boundsOf } from "./drawn";
import { useScene } from "./scene";
import { OnSheet } from "./OnSheet";
import style from "./Canvas.module.css";

/**
 * What all cards and arrows lie on, not to be seen: as large as the whole flow. With it the browser keeps them as one
 * picture, which it moves; without it each card that stands apart is a picture of its own, and a hundred of them are
 * brought together in every frame, and painted anew whenever one comes or goes at the edge.
 */
export function Sheet() {
  const nodes = useScene((state) => state.scene.nodes);
  const bounds = useMemo(() => boundsOf(nodes), [nodes]);
  if (bounds === null) return null;
  const { left, top, right, bottom } = bounds;
  const size = { width: right - left + 2 * ROOM, height: bottom - top + 2 * ROOM };
  return (
    <OnSheet>
      <i className={style.sheet} style={{ transform: `translate(${left - ROOM}px, ${top - ROOM}px)`, ...size }} aria-hidden />
    </OnSheet>
  );
}

/** What a card draws beyond its box: its shadow, its marks, its ports' names, an arrow's way around it. */
const ROOM = 400;
