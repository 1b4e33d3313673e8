/** The right region: what is selected, in the words and fields of its kind. */
import { lazy, memo, Suspense } from "react";
import { edgeKey, nodeOf } from "@/document/types";
import { withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { FlowInspector } from "./FlowInspector";
import style from "./Inspector.module.css";
import { NodeInspector } from "./NodeInspector";
import { useFieldFocus } from "./useFieldFocus";
import { useSelected } from "./useSelected";

const EdgeInspector = lazy(() => import("./EdgeInspector").then((part) => ({ default: part.EdgeInspector })));
const ManyInspector = lazy(() => import("./ManyInspector").then((part) => ({ default: part.ManyInspector })));
const InputPane = lazy(() => withWords(import("./InputPane")).then((part) => ({ default: part.InputPane })));
const OutputPane = lazy(() => withWords(import("./OutputPane")).then((part) => ({ default: part.OutputPane })));

export const Inspector = memo(function Inspector() {
  const document = useEditor((state) => state.document);
  const { nodes, edges } = useSelected();
  const isWide = useView((state) => state.wide);
  const box = useFieldFocus();
  const node = nodes.length === 1 && edges.length === 0 ? nodeOf(document, nodes[0] ?? "") : undefined;
  const edge = nodes.length === 0 && edges.length === 1 ? document.edges.find((each) => edgeKey(each) === edges[0]) : undefined;
  return (
    <div className={style.inspector} ref={box} data-region="inspector">
      {node !== undefined ? (
        <div className={style.panes} data-wide={isWide || undefined}>
          {isWide && (
            <Suspense fallback={<div />}>
              <InputPane key={node.id} node={node} />
            </Suspense>
          )}
          <div className={style.main}>
            <NodeInspector key={node.id} node={node} />
          </div>
          {isWide && (
            <Suspense fallback={<div />}>
              <OutputPane key={node.id} node={node} />
            </Suspense>
          )}
        </div>
      ) : edge !== undefined ? (
        <Suspense>
          <EdgeInspector edge={edge} />
        </Suspense>
      ) : nodes.length + edges.length > 1 ? (
        <Suspense>
          <ManyInspector />
        </Suspense>
      ) : (
        <FlowInspector />
      )}
    </div>
  );
});
