/** The node whose inspector stands wide; the canvas, which then has less room, keeps it in view. */
import { useEffect, useRef } from "react";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

export function useWideNode(isElsewhere: boolean): string | null {
  const isWide = useView((state) => state.wide) && !isElsewhere;
  const node = useEditor(({ selection: { nodes, edges } }) => (nodes.length === 1 && edges.length === 0 ? (nodes[0] ?? null) : null));
  const shown = isWide ? node : null;
  const isPressed = usePressed();
  useEffect(() => {
    if (shown === null) return;
    const reveal = (): void => useView.getState().canvas?.reveal(shown);
    // Under a pressed pointer the canvas stays where it is: a node may be on its way.
    const wait = new AbortController();
    const stop = afterLayout(() => {
      if (!isPressed.current) reveal();
      else window.addEventListener("pointerup", () => requestAnimationFrame(reveal), { once: true, signal: wait.signal });
    });
    return () => {
      stop();
      wait.abort();
    };
  }, [shown, isPressed]);
  return shown;
}

/** Once the canvas knows its new size: that is measured at the end of the next frame. */
function afterLayout(act: () => void): () => void {
  let frame = requestAnimationFrame(() => (frame = requestAnimationFrame(act)));
  return () => cancelAnimationFrame(frame);
}

function usePressed() {
  const isPressed = useRef(false);
  useEffect(() => {
    const ends = new AbortController();
    const listen = (event: "pointerdown" | "pointerup" | "pointercancel"): void =>
      window.addEventListener(event, () => (isPressed.current = event === "pointerdown"), { capture: true, signal: ends.signal });
    listen("pointerdown");
    listen("pointerup");
    listen("pointercancel");
    return () => ends.abort();
  }, []);
  return isPressed;
}
