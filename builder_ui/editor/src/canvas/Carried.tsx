import { useStore } from "@xyflow/react";
import { useEffect } from "react";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { maySplice } from "./dragging";
import { useShown } from "./shown";
import { edgeUnder } from "./under";
import style from "./Canvas.module.css";

/** The node type on its way from the drawer, as big as it will be on the canvas. */
export function Carried() {
  const carried = useView((state) => state.carried);
  const type = useEditor((state) => state.catalogue.get(carried?.type ?? ""));
  const zoom = useStore((state) => state.transform[2]);
  useEffect(() => {
    if (carried === null) {
      useShown.setState({ dropEdge: null });
      return;
    }
    const edge = edgeUnder(carried.screen);
    const isFree = edge !== null && type?.role !== "trigger" && maySplice(useEditor.getState().document, { id: " ", type: carried.type }, edge);
    useShown.setState({ dropEdge: isFree ? edge : null });
  }, [carried, type]);
  if (carried === null || type === undefined) return null;
  const transform = `translate(${carried.screen.x - 27 * zoom}px, ${carried.screen.y - 28 * zoom}px) scale(${zoom})`;
  return (
    <div className={style.ghost} style={{ transform }} aria-hidden>
      <CategoryIcon category={type.category} icon={type.icon} />
      <span>{type.label}</span>
    </div>
  );
}
