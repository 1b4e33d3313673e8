import { useStore } from "@xyflow/react";
import { useMemo, type ReactNode } from "react";
import { createPortal } from "react-dom";

/** Lies on the sheet with the cards, above them. The library's own way there searches the whole page at every change of its store. */
export function OnSheet({ children }: { children: ReactNode }) {
  const canvas = useStore((state) => state.domNode);
  const place = useMemo(() => canvas?.querySelector(".react-flow__viewport-portal"), [canvas]);
  return place ? createPortal(children, place) : null;
}
