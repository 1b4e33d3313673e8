import { IconAlertTriangle, IconPinFilled, IconRefresh, IconRepeat } from "@tabler/icons-react";
import type { NodeType } from "@/api/types";
import { effectOf } from "@/document/catalogue";
import type { DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { useShown } from "./shown";
import style from "./NodeCard.module.css";

/** The corner of a card: pin, each, retries, join and effect class, each saying in full what it is. */
export function Marks({ node, type, isPinned, short }: { node: DocumentNode; type: NodeType | undefined; isPinned: boolean; short: boolean }) {
  const text = useText();
  const findings = useShown((state) => state.findings.get(node.id));
  const effect = type?.role === "task" ? effectOf(node, type) : null;
  const tries = node.retry ? (node.retry.max_attempts ?? 3) : 1;
  return (
    <span className={style.marks}>
      {findings !== undefined && !short && (
        <span className={style.mark} data-warning title={findings.join("\n")}>
          <IconAlertTriangle size={11} role="img" aria-label={findings.join(" ")} />
        </span>
      )}
      {isPinned && (
        <span className={style.mark} data-strong title={text("canvas.node.pinned")}>
          <IconPinFilled size={11} aria-label={text("canvas.node.pinned")} />
        </span>
      )}
      {node.each && (
        <span className={style.mark} title={text("canvas.node.each")}>
          <IconRepeat size={11} aria-hidden />×n
        </span>
      )}
      {tries > 1 && (
        <span className={style.mark} title={text("canvas.node.retries", { count: tries })}>
          <IconRefresh size={11} aria-hidden />
          {tries}
        </span>
      )}
      {node.join !== undefined && node.join !== "all" && !short && (
        <span className={style.mark}>
          {node.join === "any" ? text("canvas.node.join.any") : text("canvas.node.join.count", { count: node.join.count })}
        </span>
      )}
      {effect !== null && !(short && (node.each || tries > 1)) && (
        <span className={style.mark} data-strong={effect !== "pure" && effect !== "read" ? true : undefined} title={text(`common.effect.${effect}`)}>
          {text(`canvas.effect.${effect}`)}
        </span>
      )}
    </span>
  );
}
