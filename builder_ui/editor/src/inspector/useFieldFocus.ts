import { useEffect, useRef } from "react";
import { useView } from "@/store/view";

/** Brings the field someone asked for (a problem that was clicked) into view and gives it the focus. */
export function useFieldFocus() {
  const box = useRef<HTMLDivElement>(null);
  const wanted = useView((state) => state.focusField);
  useEffect(() => {
    if (wanted === null) return;
    // The inspector of the node is drawn first; the field stands there a frame later.
    const frame = requestAnimationFrame(() => {
      const place = wanted.path.replace(/^\/config(?=\/)/, "");
      const field = box.current?.querySelector<HTMLElement>(`[data-field=${JSON.stringify(place)}]`);
      if (field) {
        field.scrollIntoView({ block: "center", behavior: "smooth" });
        field.dataset.found = "";
        // The button beside its label comes first in the page, and is not what one was sent to.
        const typed = field.querySelector<HTMLElement>("input, textarea, [contenteditable=true]");
        (typed ?? field.querySelector<HTMLElement>("button"))?.focus({ preventScroll: true });
        setTimeout(() => delete field.dataset.found, 1_700);
      }
      useView.getState().focus(null);
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  return box;
}
