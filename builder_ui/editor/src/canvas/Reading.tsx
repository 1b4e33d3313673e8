/** What a node reads and who reads it, drawn over the canvas and said in words. */
import { useReactFlow, useStore } from "@xyflow/react";
import { useMemo } from "react";
import type { Box } from "@/document/places";
import { readingOf } from "@/document/sources";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { arcOf } from "./arc";
import { drawnAt, useHeld } from "./holding";
import { OnSheet } from "./OnSheet";
import style from "./Reading.module.css";

export function Reading({ node }: { node: string }) {
  const document = useEditor((state) => state.document);
  const { reads, readers } = useMemo(() => readingOf(document, node), [document, node]);
  const flow = useReactFlow();
  // Where cards are changes with every drag of one.
  useStore((state) => state.nodes);
  const by = useHeld((state) => state.by);
  const boxOf = (id: string): Box | null => {
    const found = flow.getInternalNode(id);
    if (found === undefined) return null;
    const { x, y } = drawnAt(found, found.internals.positionAbsolute, by);
    return { x, y, width: found.measured.width ?? 220, height: found.measured.height ?? 80 };
  };
  const own = boxOf(node);
  const isThere = nodeOf(document, node) !== undefined;
  if (own === null || !isThere) return null;
  return (
    <>
      <OnSheet>
        <svg className={style.lines} aria-hidden data-testid="reading" data-node={node}>
          {reads.map((id) => (
            <Line key={`reads ${id}`} id={id} kind="reads" from={boxOf(id)} to={own} />
          ))}
          {readers.map((id) => (
            <Line key={`reader ${id}`} id={id} kind="reader" from={own} to={boxOf(id)} />
          ))}
        </svg>
      </OnSheet>
      <Said node={node} reads={reads} readers={readers} />
    </>
  );
}

/** From what is read to who reads it, with a frame around the other one. */
function Line({ id, kind, from, to }: { id: string; kind: "reads" | "reader"; from: Box | null; to: Box | null }) {
  if (from === null || to === null) return null;
  const other = kind === "reads" ? from : to;
  const { line, tip } = arcOf(from, to);
  return (
    <g data-kind={kind} data-testid={`${kind}-${id}`}>
      <rect x={other.x - 6} y={other.y - 6} width={other.width + 12} height={other.height + 12} rx={14} />
      <path d={line} />
      <path className={style.tip} d={tip} />
    </g>
  );
}

function Said({ node, reads, readers }: { node: string; reads: string[]; readers: string[] }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const named = (ids: string[]): string => ids.map((id) => titleOf(nodeOf(document, id) ?? { id, type: "" })).join(", ");
  const title = named([node]);
  return (
    <div className={style.said} role="status" data-testid="reading-said">
      {reads.length + readers.length === 0 && <span>{text("mapping.readingNone", { node: title })}</span>}
      {reads.length > 0 && (
        <span data-kind="reads">
          <i aria-hidden /> {text("mapping.reads", { node: title, names: named(reads) })}
        </span>
      )}
      {readers.length > 0 && (
        <span data-kind="reader">
          <i aria-hidden /> {text("mapping.readers", { node: title, names: named(readers) })}
        </span>
      )}
    </div>
  );
}
