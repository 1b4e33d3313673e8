/** The scrubber: the run as it was after any of its events, by pointer, by key, or played. What is live goes on behind it. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconBroadcast, IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack, IconPlayerSkipForward } from "@tabler/icons-react";
import { useRef, type KeyboardEvent, type PointerEvent, type RefObject } from "react";
import type { RunEvent } from "@/api/types";
import { titleOf, nodeOf } from "@/document/types";
import { useText, type Translate } from "@/i18n";
import { useEditor } from "@/store/editor";
import { isOver, nodeOfKey } from "@/store/fold";
import { useRunLately } from "@/store/lately";
import { useRun } from "@/store/run";
import { durationText } from "@/ui/time";
import { SPEEDS } from "./player";
import { KINDS } from "./kinds";
import style from "./TimeBar.module.css";
import { usePlayer } from "./usePlayer";

export function TimeBar() {
  const text = useText();
  const last = useRunLately((state) => state.live?.seq ?? 0);
  const isDone = useRunLately((state) => state.live !== null && isOver(state.live.status));
  const began = useRunLately((state) => state.live?.startedAt ?? null);
  const cursor = useRunLately((state) => state.cursor);
  const moment = useRunLately((state) => state.moment);
  const player = usePlayer();
  const scrubber = useRef<HTMLDivElement>(null);
  const at = cursor ?? last;
  const go = (seq: number | null): void => {
    player.pause();
    useRun.getState().lookAt(seq);
  };
  const speedAt = SPEEDS.indexOf(player.speed);
  const faster = SPEEDS[(speedAt + 1) % SPEEDS.length] ?? 1;
  return (
    <div className={style.bar} role="group" aria-label={text("timetravel.title")} data-past={cursor !== null || undefined} data-empty={last === 0 || undefined} data-testid="time-bar">
      <div className={style.buttons}>
        <Tooltip label={`${text("timetravel.before")} (,)`}>
          <ActionIcon aria-label={text("timetravel.before")} disabled={at <= 1} onClick={() => go(at - 1)}>
            <IconPlayerSkipBack size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={text(player.isPlaying ? "timetravel.pause" : "timetravel.play")}>
          <ActionIcon aria-label={text(player.isPlaying ? "timetravel.pause" : "timetravel.play")} onClick={player.isPlaying ? player.pause : player.play}>
            {player.isPlaying ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${text("timetravel.after")} (.)`}>
          <ActionIcon aria-label={text("timetravel.after")} disabled={cursor === null} onClick={() => go(at + 1 >= last ? null : at + 1)}>
            <IconPlayerSkipForward size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={text("timetravel.faster", { speed: faster })}>
          <button type="button" className={style.speed} aria-label={text("timetravel.speed", { speed: player.speed })} onClick={() => player.setSpeed(faster)}>
            {`${player.speed}×`}
          </button>
        </Tooltip>
      </div>
      <Scrubber box={scrubber} at={at} last={last} go={go} words={text("timetravel.at", { seq: at, last })} />
      <span className={style.words}>
        <b>{text("timetravel.at", { seq: at, last })}</b>
        {moment !== null && began !== null && <span>{durationText(Date.parse(moment.at) - Date.parse(began))}</span>}
        {moment !== null && <em>{saidOf(moment, text)}</em>}
      </span>
      {/* Where there is nothing to go back to it keeps its place, unseen, and hands the focus on. */}
      <Button
        size="compact-xs"
        className={style.back}
        aria-label={text(isDone ? "timetravel.backToEnd" : "timetravel.backToLive")}
        data-now={cursor === null || undefined}
        leftSection={<IconBroadcast size={13} />}
        onClick={() => {
          go(null);
          scrubber.current?.focus();
        }}
      >
        {text(isDone ? "timetravel.backToEnd" : "timetravel.backToLive")}
      </Button>
    </div>
  );
}

/** What an event says, in a few words: which step, and what became of it. */
export function saidOf(event: RunEvent, text: Translate): string {
  const kind = KINDS.find((each) => each === event.kind);
  const words = kind === undefined ? event.kind : text(`timetravel.kind.${kind}`);
  if (event.step === null) return words;
  const node = nodeOf(useEditor.getState().document, nodeOfKey(event.step));
  const items = event.step.match(/\[\d+\]/g)?.join("") ?? "";
  return `${node === undefined ? nodeOfKey(event.step) : titleOf(node)}${items}: ${words}`;
}

const FAR = 10;

function Scrubber({ box: whole, at, last, go, words }: { box: RefObject<HTMLDivElement | null>; at: number; last: number; go: (seq: number | null) => void; words: string }) {
  const text = useText();
  const track = useRef<HTMLDivElement>(null);
  const wished = useRef<number | null>(null);
  const share = last <= 1 ? 100 : ((at - 1) / (last - 1)) * 100;
  const look = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const seq = 1 + Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (last - 1));
    if (wished.current === seq) return;
    wished.current = seq;
    go(seq >= last ? null : seq);
  };
  const walk = (event: KeyboardEvent): void => {
    const page = Math.max(FAR, Math.round(last / 20));
    const steps: Record<string, number> = { ArrowLeft: event.shiftKey ? -FAR : -1, ArrowRight: event.shiftKey ? FAR : 1, ArrowDown: -1, ArrowUp: 1, PageDown: -page, PageUp: page, Home: -last, End: last };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    go(at + by >= last ? null : Math.max(1, at + by));
  };
  return (
    <div
      ref={whole}
      className={style.scrubber}
      role="slider"
      tabIndex={0}
      aria-label={text("timetravel.moment")}
      aria-valuemin={1}
      aria-valuemax={last}
      aria-valuenow={at}
      aria-valuetext={words}
      onKeyDown={walk}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        wished.current = null;
        look(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) look(event);
      }}
    >
      <div ref={track} className={style.track}>
        <i style={{ width: `${share}%` }} />
        <b style={{ left: `${share}%` }} />
      </div>
    </div>
  );
}
