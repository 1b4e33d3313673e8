import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRunLately } from "@/store/lately";
import { useRun } from "@/store/run";
import { durationText } from "@/ui/time";
import { useOfNow } from "@/ui/useNow";
import { scaleOf, seqAt, ticksOf, timelineFrom, type Timeline as Line } from "./timeline";
import { TimelineRow } from "./TimelineRow";
import style from "./Timeline.module.css";
import { useLanes } from "./useLanes";

/** How long the axis is: the run, or while it goes on somewhat more than it has lasted. */
function useScale(line: Line | null): number {
  const start = line?.start ?? 0;
  const growing = useOfNow((now) => scaleOf(now - start), line !== null && line.length === null, "tenth");
  return useMemo(() => {
    if (line === null) return 1;
    return Math.max(1, line.length ?? growing, ...line.rows.flatMap((row) => row.bars.map((bar) => bar.to ?? bar.from)));
  }, [line, growing]);
}

/** Pixels: a row, and what stands above the first. The styles say the same. */
const [ROW, AXIS] = [26, 30];

/** The run on a line of time. Dragging along the axis shows the canvas as it was then. */
export function Timeline({ onStep }: { onStep: (key: string) => void }) {
  const text = useText();
  const { lanes, turn } = useLanes();
  const view = useRunLately((state) => state.live);
  const cursor = useRunLately((state) => state.cursor);
  const opened = useRunLately((state) => state.stepKey);
  const isAwaited = useRunLately((state) => state.runId !== null || state.isStarting);
  const nodes = useEditor((state) => state.document.nodes);
  const names = useMemo(() => new Map(nodes.map((node) => [node.id, titleOf(node)])), [nodes]);
  const track = useRef<HTMLDivElement>(null);
  const shownAt = useRunLately((state) => (state.cursor === null ? null : state.moment));
  // The lanes grow in place, and their turn with them.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const line = useMemo(() => (view === null ? null : timelineFrom(lanes, view)), [lanes, turn, view]);
  const scale = useScale(line);
  const box = useRef<HTMLDivElement>(null);
  // Nothing here is compiled to be memoized, which is all the rule is about.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({ count: line?.rows.length ?? 0, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12, scrollMargin: AXIS });
  // What a run is shown in stands before it is told: the rows are as many as its box has room for, and to ask that amid a run lays out the page once more.
  if (line === null || view === null) return <div className={style.timeline} ref={box}>{!isAwaited && <p className={style.none}>{text("runs.timeline.none")}</p>}</div>;
  const share = (ms: number): string => `${Math.min(100, (ms / scale) * 100)}%`;
  const canScrub = lanes.seq > 0;
  const cursorAt = shownAt ? new Date(shownAt.at).getTime() - line.start : null;

  const look = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || !canScrub) return;
    const moment = ((event.clientX - box.left) / box.width) * scale;
    const isEnd = moment >= (line.length ?? Date.now() - line.start) * 0.995;
    useRun.getState().lookAt(isEnd ? null : (seqAt(lanes, Math.max(0, moment)) ?? 1));
  };
  const walk = (event: KeyboardEvent): void => {
    const at = cursor ?? view.seq;
    const next = event.key === "ArrowLeft" ? at - 1 : event.key === "ArrowRight" ? at + 1 : event.key === "Home" ? 1 : event.key === "End" ? view.seq : null;
    if (next === null || !canScrub) return;
    event.preventDefault();
    useRun.getState().lookAt(next >= view.seq ? null : Math.max(1, next));
  };

  return (
    <div className={style.timeline} ref={box}>
      <div className={style.axis}>
        <span />
        <div
          ref={track}
          className={style.track}
          role="slider"
          tabIndex={0}
          aria-label={text("runs.timeline.scrub")}
          aria-valuemin={1}
          aria-valuemax={view.seq}
          aria-valuenow={cursor ?? view.seq}
          aria-valuetext={cursor === null ? text("runs.timeline.now") : text("runs.timeline.at", { seq: cursor })}
          aria-disabled={!canScrub}
          onKeyDown={walk}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            look(event);
          }}
          onPointerMove={(event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId)) look(event);
          }}
        >
          {ticksOf(scale, window.innerWidth < 760 ? 3 : 8)
            .filter((tick) => tick <= scale * 0.95)
            .map((tick) => (
              <span key={tick} className={style.tick} style={{ left: share(tick) }}>
                {durationText(tick)}
              </span>
            ))}
        </div>
      </div>
      <div className={style.rows}>
        {cursorAt !== null && (
          <div className={style.cursorBox}>
            <div className={style.cursor} style={{ left: share(cursorAt) }} data-flip={cursorAt / scale > 0.8 || undefined}>
              <span>{text("runs.timeline.moment", { seq: shownAt?.seq ?? 0, time: durationText(cursorAt) })}</span>
            </div>
          </div>
        )}
        <div className={style.all} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start: top }) => {
            const row = line.rows[index];
            return row === undefined ? null : (
              <div key={row.node} className={style.place} style={{ transform: `translateY(${top - AXIS}px)` }}>
                <TimelineRow row={row} name={names.get(row.node) ?? row.node} start={line.start} scale={scale} isOn={opened !== null && row.key === opened} onStep={onStep} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
