import type { EdgeProps } from "@xyflow/react";
import { memo, useMemo, useRef } from "react";
import { COMPENSATE } from "@/document/graph";
import { nodeOf, portOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import type { DrawnEdge } from "./drawn";
import { useAlong } from "./holding";
import { pathOf, tipAt, type Ends } from "./path";
import { useEdgeOverlay, useReadOnly, useShown } from "./shown";
import style from "./FlowEdge.module.css";

/** Put what is drawn of an arrow where its ends are: all its lines, its tip, and what it offers in its middle. */
function place(arrow: SVGElement | null, ends: Ends): void {
  if (arrow === null) return;
  const { path, x, y } = pathOf(ends);
  for (const part of arrow instanceof SVGPathElement ? [arrow] : arrow.children) {
    if (!(part instanceof SVGPathElement)) part.setAttribute("transform", `translate(${x} ${y})`);
    else part.setAttribute("d", part.hasAttribute("data-tip") ? tipAt(ends.targetX, ends.targetY) : path);
  }
}

/** An arrow. In a run it lights when it is taken and fades when it is dead; hovered, it offers to take a node in. */
export const FlowEdge = memo(function FlowEdge(props: EdgeProps<DrawnEdge>) {
  return props.data?.isFar ? <FarEdge {...props} /> : <NearEdge {...props} />;
});

/** An arrow as seen from afar: a line and its state. */
function FarEdge(props: EdgeProps<DrawnEdge>) {
  const state = useEdgeOverlay(props.id);
  const line = useRef<SVGPathElement>(null);
  useAlong(props, props.data?.held, (ends) => place(line.current, ends));
  return <path ref={line} d={pathOf(props).path} className={style.line} data-state={state} data-far data-selected={props.selected || undefined} />;
}

function NearEdge(props: EdgeProps<DrawnEdge>) {
  const { id, selected, data, targetX, targetY } = props;
  const text = useText();
  const state = useEdgeOverlay(id);
  const isDrop = useShown((shown) => shown.dropEdge === id);
  const mark = useShown((shown) => shown.difference?.edges.get(id));
  const readOnly = useReadOnly();
  const arrow = useRef<SVGGElement>(null);
  useAlong(props, data?.held, (ends) => place(arrow.current, ends));
  const { from = "", to = "" } = data ?? {};
  const label = useMemo(() => text("canvas.edge.label", { from, to }), [text, from, to]);
  if (data === undefined) return null;
  const { path, x, y } = pathOf(props);
  const port = portOf(data.edge);
  const isUndo = port === COMPENSATE;

  const insert = (screen: { x: number; y: number }) => {
    const parent = nodeOf(useEditor.getState().document, data.edge.from)?.parent ?? null;
    useView.getState().openInsert({ edge: id, screen, canvas: { x: x - 110, y: y - 28 }, parent });
  };

  return (
    <g ref={arrow} className={style.edge} role="group" data-testid={`edge-${id}`} aria-label={label}>
      <path d={path} className={style.hit} />
      <path d={path} className={style.line} data-state={state} data-port={port} data-undo={isUndo || undefined} data-selected={selected || undefined} data-drop={isDrop || undefined} data-mark={mark} />
      {!isUndo && <path d={tipAt(targetX, targetY)} className={style.tip} data-tip data-state={state} data-selected={selected || isDrop || undefined} data-mark={mark} />}
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
