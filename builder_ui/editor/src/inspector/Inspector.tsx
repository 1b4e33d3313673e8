/** The right region: what is selected, in the words and fields of its kind. */
import { lazy, Suspense } from "react";
import { edgeKey, nodeOf } from "@/document/types";
import { useEditor } from "@/store/editor";
import { EdgeInspector } from "./EdgeInspector";
import { FlowInspector } from "./FlowInspector";
import style from "./Inspector.module.css";
import { NodeInspector } from "./NodeInspector";
import { useFieldFocus } from "./useFieldFocus";

const ManyInspector = lazy(() => import("./ManyInspector").then((part) => ({ default: part.ManyInspector })));

export function Inspector() {
  const document = useEditor((state) => state.document);
  const { nodes, edges } = useEditor((state) => state.selection);
  const box = useFieldFocus();
  const node = nodes.length === 1 && edges.length === 0 ? nodeOf(document, nodes[0] ?? "") : undefined;
  const edge = nodes.length === 0 && edges.length === 1 ? document.edges.find((each) => edgeKey(each) === edges[0]) : undefined;
  return (
    <div className={style.inspector} ref={box} data-region="inspector">
      {node !== undefined ? (
        <NodeInspector key={node.id} node={node} />
      ) : edge !== undefined ? (
        <EdgeInspector edge={edge} />
      ) : nodes.length + edges.length > 1 ? (
        <Suspense>
          <ManyInspector />
        </Suspense>
      ) : (
        <FlowInspector />
      )}
    </div>
  );
}
