import { memo } from "react";
import { useText } from "@/i18n";
import { durationText } from "@/ui/time";
import { useOfNow } from "@/ui/useNow";
import type { Bar, Row } from "./timeline";
import style from "./Timeline.module.css";

interface Props {
  row: Row;
  name: string;
  /** The instant the run began, and how long the axis is (ms). */
  start: number;
  scale: number;
  isOn: boolean;
  onStep: (key: string) => void;
}

/** A node's steps on the line of time. It is drawn again when something happened to it, or the axis took a stride. */
export const TimelineRow = memo(function TimelineRow({ row, name, start, scale, isOn, onStep }: Props) {
  return (
    <button className={style.row} data-on={isOn || undefined} data-row={row.node} onClick={() => onStep(row.key)}>
      <span className={style.name}>
        <span>{name}</span>
        {row.count > 1 && <em>{`×${row.count}`}</em>}
      </span>
      <span className={style.bars}>
        {row.bars.map((bar, at) => (bar.to === null ? <Going key={at} bar={bar} start={start} scale={scale} /> : <Stretch key={at} bar={bar} to={bar.to} scale={scale} />))}
      </span>
    </button>
  );
});

/** What goes on reaches to the present: this alone is drawn again as time passes. */
function Going({ bar, start, scale }: { bar: Bar; start: number; scale: number }) {
  const to = useOfNow((now) => Math.max(bar.from, now - start), true, "tenth");
  return <Stretch bar={bar} to={to} scale={scale} />;
}

function Stretch({ bar, to, scale }: { bar: Bar; to: number; scale: number }) {
  const text = useText();
  const share = (ms: number): number => Math.min(100, (ms / scale) * 100);
  return (
    <i
      className={style.bar}
      data-kind={bar.kind}
      title={`${text(`runs.bar.${bar.kind}`)} · ${durationText(to - bar.from)}`}
      style={{ left: `${share(bar.from)}%`, width: `max(3px, ${share(to) - share(bar.from)}%)` }}
    />
  );
}
