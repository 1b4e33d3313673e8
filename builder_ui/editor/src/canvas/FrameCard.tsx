import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { StatusIcon } from "@/ui/StatusIcon";
import type { FrameNode } from "./drawn";
import { DiffMark } from "./DiffMark";
import { LockNote } from "./LockNote";
import { NameField } from "./NameField";
import { PairMark } from "./PairMark";
import { PeopleMark } from "./PeopleMark";
import { Ports } from "./Ports";
import { useNodeOverlay, useReadOnly, useShown } from "./shown";
import style from "./FrameCard.module.css";

/** A container: a frame around what it holds, which folds to the size of a card. */
export const FrameCard = memo(function FrameCard({ data, selected }: NodeProps<FrameNode>) {
  const { node, inside, isFolded, outgoing } = data;
  const text = useText();
  const type = useEditor((state) => state.catalogue.get(node.type));
  const overlay = useNodeOverlay(node.id);
  const readOnly = useReadOnly();
  const isDrop = useShown((state) => state.dropFrame === node.id);
  const isRefused = useShown((state) => state.connecting !== null && state.connecting.node !== node.id && state.connecting.refused.has(node.id));
  const mark = useShown((state) => state.difference?.nodes.get(node.id));
  const title = titleOf(node);
  const progress = overlay?.progress;
  const together = node.config?.concurrency;
  const turns = `×${progress ? progress.total : "n"}`;
  const lock = node.type === "flow.lock" && typeof node.config?.name === "string" ? node.config.name : null;
  const paced = typeof together === "number" && together > 1 ? `${turns} · ${text("canvas.frame.pace", { count: together })}` : turns;
  const tag = lock ?? paced;
  return (
    <div
      className={style.frame}
      data-selected={selected || undefined}
      data-drop={isDrop || undefined}
      data-refused={isRefused || undefined}
      data-folded={isFolded || undefined}
      data-named={isFolded || undefined}
      data-faded={overlay?.status === "skipped" || overlay?.status === "cancelled" || undefined}
      data-status={overlay?.status}
      data-mark={mark}
      data-testid={`node-${node.id}`}
    >
      <DiffMark mark={mark} />
      <PairMark node={node.id} />
      <PeopleMark node={node.id} />
      <div className={style.head} data-named>
        <button
          type="button"
          className={`${style.fold} nodrag`}
          aria-expanded={!isFolded}
          title={text(isFolded ? "canvas.frame.unfold" : "canvas.frame.fold")}
          aria-label={text(isFolded ? "canvas.frame.unfold" : "canvas.frame.fold")}
          onClick={() => useView.getState().setFolded(node.id, !isFolded)}
        >
          {isFolded ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
        </button>
        {overlay && <StatusIcon status={overlay.status} size={15} />}
        <span className={style.title}><NameField node={node} title={title} /></span>
        <span className={style.tag} title={type?.label}>{tag}</span>
        {lock !== null && <LockNote node={node.id} overlay={overlay} />}
        {progress && <span className={style.count}>{text("canvas.node.progress", progress)}</span>}
      </div>
      {isFolded && <div className={style.inside}>{text("canvas.frame.inside", { count: inside })}</div>}
      {inside === 0 && !isFolded && !readOnly && <div className={style.empty}>{text("canvas.frame.empty")}</div>}
      <Ports id={node.id} title={title} ports={{ hasEntry: true, isUndo: false, outgoing, canUndo: false, hasUndo: false }} />
    </div>
  );
});
