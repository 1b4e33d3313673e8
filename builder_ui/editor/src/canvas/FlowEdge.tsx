import type { EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { COMPENSATE } from "@/document/graph";
import { nodeOf, portOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import type { DrawnEdge } from "./drawn";
import { pathOf } from "./path";
import { partOf } from "./staging";
import { useEdgeOverlay, useReadOnly, useShown } from "./shown";
import style from "./FlowEdge.module.css";

/** A small arrowhead that ends at the port, drawn for arrows that come from the left. */
const tip = (x: number, y: number): string => `M${x - 6} ${y} l-7 -4 v8 z`;

/** An arrow. In a run it lights when it is taken and fades when it is dead; hovered, it offers to take a node in. */
export const FlowEdge = memo(function FlowEdge(props: EdgeProps<DrawnEdge>) {
  const part = partOf(props.source);
  const isFar = useShown((shown) => shown.turned > part);
  return isFar ? <FarEdge {...props} /> : <NearEdge {...props} />;
});

/** An arrow as seen from afar: a line and its state. */
function FarEdge(props: EdgeProps<DrawnEdge>) {
  const state = useEdgeOverlay(props.id);
  return <path d={pathOf(props).path} className={style.line} data-state={state} data-far data-selected={props.selected || undefined} />;
}

function NearEdge(props: EdgeProps<DrawnEdge>) {
  const { id, selected, data, targetX, targetY } = props;
  const text = useText();
  const state = useEdgeOverlay(id);
  const isDrop = useShown((shown) => shown.dropEdge === id);
  const mark = useShown((shown) => shown.difference?.edges.get(id));
  const readOnly = useReadOnly();
  if (data === undefined) return null;
  const { path, x, y } = pathOf(props);
  const port = portOf(data.edge);
  const isUndo = port === COMPENSATE;

  const insert = (screen: { x: number; y: number }) => {
    const parent = nodeOf(useEditor.getState().document, data.edge.from)?.parent ?? null;
    useView.getState().openInsert({ edge: id, screen, canvas: { x: x - 110, y: y - 28 }, parent });
  };
  const title = (node: string): string => {
    const found = nodeOf(useEditor.getState().document, node);
    return found === undefined ? node : titleOf(found);
  };

  return (
    <g className={style.edge} role="group" data-testid={`edge-${id}`} aria-label={text("canvas.edge.label", { from: title(data.edge.from), to: title(data.edge.to) })}>
      <path d={path} className={style.hit} />
      <path d={path} className={style.line} data-state={state} data-port={port} data-undo={isUndo || undefined} data-selected={selected || undefined} data-drop={isDrop || undefined} data-mark={mark} />
      {!isUndo && <path d={tip(targetX, targetY)} className={style.tip} data-state={state} data-selected={selected || isDrop || undefined} data-mark={mark} />}
      {!readOnly && !isUndo && mark !== "removed" && (
        <g
          className={style.plus}
          data-shown={selected || undefined}
          transform={`translate(${x} ${y})`}
          role="button"
          tabIndex={-1}
          aria-label={text("canvas.edge.insert")}
          onClick={(event) => {
            event.stopPropagation();
            insert({ x: event.clientX, y: event.clientY });
          }}
        >
          <circle r={9} />
          <path d="M-4 0H4M0 -4V4" />
        </g>
      )}
    </g>
  );
}
