import type { NodeProps } from "@xyflow/react";
import { memo, useMemo } from "react";
import { summaryOf } from "@/document/summary";
import { titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CategoryIcon } from "@/ui/CategoryIcon";
import type { CardNode } from "./drawn";
import { BreakpointMark } from "./BreakpointMark";
import { DiffMark } from "./DiffMark";
import { Marks } from "./Marks";
import { NameField } from "./NameField";
import { PairMark } from "./PairMark";
import { PeopleMark } from "./PeopleMark";
import { Ports } from "./Ports";
import { StatusLine } from "./StatusLine";
import { useBeneath, useNodeOverlay, useShown } from "./shown";
import style from "./NodeCard.module.css";

/** A node as seen from afar: its colour, its place and its status, nothing to read. Its silhouette is what is seen of it, but while it is selected or held. */
function FarCard({ data, selected }: NodeProps<CardNode>) {
  const category = useEditor((state) => state.catalogue.get(data.node.type)?.category);
  const isHeld = useBeneath((state) => state.held.has(data.node.id));
  // Of a thousand that stand beneath their silhouettes none is drawn anew by a run.
  const isSeen = selected || isHeld;
  const status = useShown((state) => (isSeen ? state.overlay?.nodes.get(data.node.id)?.status : undefined));
  return (
    <div className={style.far} data-category={category} data-selected={selected || undefined} data-status={status} data-testid={`node-${data.node.id}`}>
      <i />
      <PeopleMark node={data.node.id} />
    </div>
  );
}

/** Where a card stands, and whether it is held, changes nothing that it draws. */
const isAlike = (before: NodeProps<CardNode>, after: NodeProps<CardNode>): boolean =>
  before.id === after.id && before.data === after.data && before.selected === after.selected;

/** A node: what it is, what it is set to do, its marks, and in a run how it stands. */
export const NodeCard = memo(function NodeCard(props: NodeProps<CardNode>) {
  return props.data.isShape ? <FarCard {...props} /> : <NearCard {...props} />;
}, isAlike);

function NearCard({ data, selected }: NodeProps<CardNode>) {
  const { node, ports } = data;
  const text = useText();
  const type = useEditor((state) => state.catalogue.get(node.type));
  const isPinned = useEditor((state) => Object.hasOwn(state.document.pins ?? {}, node.id));
  const problems = useShown((state) => state.problems.get(node.id) ?? 0);
  const isRefused = useShown((state) => state.connecting !== null && state.connecting.node !== node.id && state.connecting.refused.has(node.id));
  const mark = useShown((state) => state.difference?.nodes.get(node.id));
  const overlay = useNodeOverlay(node.id);
  const title = titleOf(node);
  const summary = useMemo(() => summaryOf(type?.summary ?? "", node.config), [type, node.config]);
  const isFaded = overlay?.status === "skipped" || overlay?.status === "cancelled";

  return (
    <div
      className={style.card}
      data-selected={selected || undefined}
      data-status={overlay?.status}
      data-faded={isFaded || undefined}
      data-refused={isRefused || undefined}
      data-off={node.disabled || undefined}
      data-mark={mark}
      data-testid={`node-${node.id}`}
    >
      <div className={style.head}>
        <CategoryIcon category={type?.category ?? "other"} icon={type?.icon ?? "help-hexagon"} />
        <span className={style.words}>
          <NameField node={node} title={title} />
          {type === undefined ? (
            <span className={style.summary} data-plain>{text("canvas.node.unknown", { type: node.type })}</span>
          ) : (
            <span className={style.summary} data-plain={summary === "" || undefined} title={summary}>
              {summary === "" ? type.label : summary}
            </span>
          )}
        </span>
      </div>
      <div className={style.foot}>
        {overlay ? (
          <StatusLine node={node} state={overlay} />
        ) : (
          <span className={style.said}>{node.disabled ? text("canvas.node.disabled") : ports.isUndo ? text("canvas.node.undoOnly") : node.type}</span>
        )}
        <Marks node={node} type={type} isPinned={isPinned} short={overlay !== undefined} />
      </div>
      <DiffMark mark={mark} />
      <PairMark node={node.id} />
      <BreakpointMark node={node.id} />
      <PeopleMark node={node.id} />
      {problems > 0 && (
        <span className={style.problem} title={text("canvas.node.problems", { count: problems })}>
          {text("canvas.node.problems", { count: problems })}
        </span>
      )}
      <Ports id={node.id} title={title} ports={ports} />
    </div>
  );
}
