import type { DocumentNode } from "@/document/types";
import { useText, type Translate } from "@/i18n";
import { useFault } from "@/i18n/faults";
import type { NodeOverlay } from "@/store/overlay";
import { momentOf, useRun } from "@/store/run";
import { StatusIcon } from "@/ui/StatusIcon";
import { durationText, relativeText } from "@/ui/time";
import { useNow } from "@/ui/useNow";
import style from "./NodeCard.module.css";

const span = (from: string | null, to: number): string => (from === null ? "" : durationText(Math.max(0, to - Date.parse(from))));

/** From when on a step that is due and not gone on with stands for workers that are busy, or gone: milliseconds. */
const OVERDUE = 5_000;

/** When a step goes on: never in the past, also while nobody is there to go on with it. */
function goesOn(text: Translate, due: string, now: number): string {
  const left = Date.parse(due) - now;
  if (left > 2_000) return text("canvas.node.goesOn", { when: relativeText(due, now) });
  return text(left < -OVERDUE ? "canvas.node.overdue" : "canvas.node.dueNow");
}

/** The foot of a card in a run: status, how far, how long, which try. */
export function StatusLine({ node, state }: { node: DocumentNode; state: NodeOverlay }) {
  const text = useText();
  const fault = useFault();
  const isGoing = state.status === "running" || state.status === "retrying" || state.status === "waiting";
  const moment = useRun(momentOf);
  const present = useNow(isGoing && moment === null, state.status === "running" ? "tenth" : "second");
  const now = moment ?? present;
  const { progress } = state;
  const end = state.finishedAt === null ? now : Date.parse(state.finishedAt);
  const parts: string[] = [];
  if (state.status === "waiting" && state.waitsOn?.on === "signal") parts.push(text("approvals.awaits.signal", { name: state.waitsOn.ref }));
  if (state.status === "waiting" && state.waitsOn?.on === "approval") parts.push(text("approvals.awaits.approval"));
  if (state.status === "uncertain") parts.push(text("canvas.node.decide"));
  if ((state.status === "waiting" || state.status === "retrying") && state.due !== null) parts.push(goesOn(text, state.due, now));
  else if (state.status === "failed" || state.status === "uncertain") parts.push(state.error === null ? text(`common.status.${state.status}`) : fault(state.error.message));
  else if (state.status === "skipped" || state.status === "cancelled" || state.status === "pending" || state.status === "compensated") {
    parts.push(text(`common.status.${state.status}`));
  } else parts.push(span(state.startedAt, end));
  const max = node.retry?.max_attempts ?? 3;
  if (state.attempt > 1) {
    parts.push(node.retry ? text("canvas.node.tryOf", { attempt: state.attempt, max }) : text("canvas.node.try", { attempt: state.attempt }));
  }
  const said = parts.filter((part) => part !== "").join(" · ");
  return (
    <>
      <StatusIcon status={state.status} size={15} />
      {progress !== null && progress.total > 0 && state.status !== "failed" ? (
        <>
          <span className={style.bar} data-done={progress.done >= progress.total || undefined}>
            <i style={{ transform: `scaleX(${progress.done / progress.total})` }} />
          </span>
          <span className={style.count} title={text("canvas.node.progress", progress)}>
            {progress.done >= progress.total ? progress.total : text("canvas.node.progress", progress)}
          </span>
        </>
      ) : (
        <span className={style.said} data-bad={state.status === "failed" || undefined} title={said}>
          {said}
        </span>
      )}
    </>
  );
}
