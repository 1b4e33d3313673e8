import type { Viewport } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { toPixel, useMoving } from "./moving";
import style from "./Canvas.module.css";

/** Between two dots, and across one, where nothing is zoomed. */
const GAP = 20;
const DOT = 1.6;

/** The dots beneath the canvas: a sheet that is pushed by less than the space between two, so that going about paints nothing. */
export function Dots() {
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let painted = 0;
    const follow = ({ x, y, zoom }: Viewport): void => {
      const { current } = sheet;
      if (current === null) return;
      const gap = GAP * zoom;
      const rest = (at: number): number => (((at - gap / 2) % gap) + gap) % gap;
      if (zoom !== painted) {
        current.style.setProperty("--gap", `${gap}px`);
        current.style.setProperty("--radius", `${(DOT * zoom) / 2}px`);
        painted = zoom;
      }
      current.style.transform = `translate(${toPixel(rest(x) - gap)}px, ${toPixel(rest(y) - gap)}px)`;
    };
    follow(useMoving.getState());
    return useMoving.subscribe(follow);
  }, []);
  return <div ref={sheet} className={style.dots} aria-hidden />;
}
