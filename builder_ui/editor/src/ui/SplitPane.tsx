import { useRef, type PointerEvent, type KeyboardEvent } from "react";
import { useText } from "@/i18n";
import style from "./SplitPane.module.css";

interface Props {
  /** The edge of the panel that is dragged. */
  edge: "top" | "left" | "right";
  size: number;
  min: number;
  max: number;
  onResize: (size: number) => void;
  label?: string;
}

const clamp = (size: number, min: number, max: number): number => Math.round(Math.min(Math.max(size, min), Math.max(min, max)));

/** The handle on a panel's edge: dragged by pointer, moved by arrow keys, a separator to screen readers. */
export function ResizeHandle({ edge, size, min, max, onResize, label }: Props) {
  const text = useText();
  const from = useRef({ pointer: 0, size: 0 });
  const place = (event: PointerEvent): number => (edge === "top" ? event.clientY : event.clientX);
  const sign = edge === "right" ? 1 : -1;

  const take = (event: PointerEvent<HTMLDivElement>): void => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { pointer: place(event), size };
  };
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    onResize(clamp(from.current.size + sign * (place(event) - from.current.pointer), min, max));
  };
  const nudge = (event: KeyboardEvent): void => {
    const grow = edge === "top" ? "ArrowUp" : edge === "left" ? "ArrowLeft" : "ArrowRight";
    const shrink = edge === "top" ? "ArrowDown" : edge === "left" ? "ArrowRight" : "ArrowLeft";
    if (event.key !== grow && event.key !== shrink) return;
    event.preventDefault();
    onResize(clamp(size + (event.key === grow ? 24 : -24), min, max));
  };

  return (
    <div
      className={style.handle}
      data-edge={edge}
      role="separator"
      tabIndex={0}
      aria-orientation={edge === "top" ? "horizontal" : "vertical"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={Math.max(min, max)}
      aria-label={label ?? text("common.resize")}
      onPointerDown={take}
      onPointerMove={drag}
      onKeyDown={nudge}
    />
  );
}
