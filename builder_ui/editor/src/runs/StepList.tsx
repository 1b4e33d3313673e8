import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { titleOf, type FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { blank, type StepState } from "@/store/fold";
import { useRunLately } from "@/store/lately";
import { StatusIcon } from "@/ui/StatusIcon";
import { clockText } from "@/ui/time";
import { Duration } from "@/ui/Times";
import style from "./StepList.module.css";
import { useWhole } from "./useJournal";

/** Every step of the run, in the order in which they began; those that haven't stand last. */
export function StepList({ onStep }: { onStep: (key: string) => void }) {
  const text = useText();
  useWhole();
  const view = useRunLately((state) => state.view);
  const opened = useRunLately((state) => state.stepKey);
  const moment = useRunLately((state) => state.moment?.at ?? null);
  const document = useEditor((state) => state.document);
  const box = useRef<HTMLDivElement>(null);
  const isMoved = useRunLately((state) => state.live?.moved === true);
  const steps = useMemo(() => {
    const all = [...(view?.steps.values() ?? [])];
    return inOrder(isMoved ? asDrawn(all, document) : all);
  }, [view, isMoved, document]);
  const names = useMemo(() => new Map(document.nodes.map((node) => [node.id, titleOf(node)])), [document.nodes]);
  // Nothing here is compiled to be memoized, which is all the rule is about.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({ count: steps.length, getScrollElement: () => box.current, estimateSize: () => 32, overscan: 12 });
  if (view === null) return <p className={style.none}>{text("runs.timeline.none")}</p>;
  return (
    <div className={style.list} ref={box} role="list" aria-label={text("runs.tab.steps")}>
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((item) => {
          const step = steps[item.index];
          return step === undefined ? null : (
            <div key={step.key} role="listitem" className={style.place} style={{ transform: `translateY(${item.start}px)` }}>
              <button className={style.row} data-on={step.key === opened || undefined} onClick={() => onStep(step.key)}>
                <StatusIcon status={step.status} />
                <span className={style.name}>{names.get(step.node) ?? step.node}</span>
                <code className={style.key}>{step.key}</code>
                <span className={style.attempt}>{step.attempt > 1 ? text("common.attempt", { count: step.attempt }) : ""}</span>
                <span className={style.time}>{step.startedAt === null ? "" : clockText(step.startedAt)}</span>
                <span className={style.took}>{step.startedAt === null ? text(`common.status.${step.status}`) : <Duration from={step.startedAt} to={step.finishedAt ?? moment} />}</span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What has not begun of a run that was moved is what the version drawn has left to do: others know only that of now. */
function asDrawn(steps: StepState[], { nodes }: FlowDocument): StepState[] {
  const own = new Set(nodes.map((node) => node.id));
  const keys = new Set(steps.map((step) => step.key));
  const ahead = nodes.filter((node) => node.parent == null && !keys.has(node.id)).map((node) => blank(node.id));
  return [...steps.filter((step) => step.status !== "pending" || own.has(step.node)), ...ahead];
}

function inOrder(steps: StepState[]): StepState[] {
  const began = (step: StepState): string => step.startedAt ?? (step.status === "skipped" ? "~skipped" : "~~");
  return steps.sort((a, b) => (began(a) < began(b) ? -1 : began(a) > began(b) ? 1 : a.seq - b.seq));
}
