import { useText } from "@/i18n";
import type { NodeOverlay } from "@/store/overlay";
import { momentOf, useRun } from "@/store/run";
import style from "./FrameCard.module.css";
import { useLine } from "./useLine";

/** The head of a lock whose run stands in line: its place, as it is now. */
export function LockNote({ node, overlay }: { node: string; overlay: NodeOverlay | null | undefined }) {
  const text = useText();
  const lock = overlay?.status === "waiting" && overlay.waitsOn?.on === "lock" ? overlay.waitsOn.ref : null;
  const isNow = useRun(momentOf) === null;
  const line = useLine(isNow ? lock : null, node);
  if (lock === null) return null;
  const said = text("approvals.awaits.lock", { name: lock });
  return (
    <span className={style.count} title={said}>
      {line === null ? said : text("approvals.awaits.line", { line })}
    </span>
  );
}
