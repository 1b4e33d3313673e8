/** Carrying a node type out of the drawer by mouse, pen or finger. */
import { useEffect, useRef } from "react";
import { insertNode } from "@/commands/inserting";
import { stateNow } from "@/commands";
import type { Position } from "@/document/types";
import { useView } from "@/store/view";

const THRESHOLD = 5;

export function useCarry() {
  const from = useRef<{ type: string; place: Position } | null>(null);
  const carried = useRef(false);

  useEffect(() => {
    const onMove = (event: PointerEvent) => {
      if (from.current === null) return;
      const { type, place } = from.current;
      if (!carried.current && Math.hypot(event.clientX - place.x, event.clientY - place.y) < THRESHOLD) return;
      if (!carried.current && document.activeElement instanceof HTMLElement) document.activeElement.blur();
      carried.current = true;
      event.preventDefault();
      useView.getState().carry({ type, screen: { x: event.clientX, y: event.clientY } });
    };
    const end = (event: PointerEvent) => {
      const begun = from.current;
      from.current = null;
      if (begun === null || !carried.current) return;
      const view = useView.getState();
      view.carry(null);
      if (event.type === "pointerup") view.canvas?.drop(begun.type, { x: event.clientX, y: event.clientY });
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || from.current === null) return;
      from.current = null;
      useView.getState().carry(null);
    };
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      window.removeEventListener("keydown", onKey);
    };
  }, []);

  return {
    begin: (type: string, event: React.PointerEvent) => {
      if (event.button !== 0) return;
      carried.current = false;
      from.current = { type, place: { x: event.clientX, y: event.clientY } };
    },
    /** A press that wasn't a drag puts the node beside the selection, or in the middle. */
    press: (type: string, place: () => Parameters<typeof insertNode>[2] | null) => {
      if (carried.current) {
        carried.current = false;
        return;
      }
      const at = place();
      if (at !== null) insertNode(stateNow(), type, at);
    },
  };
}
