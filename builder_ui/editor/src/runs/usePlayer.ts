import { useCallback, useEffect, useRef, useState } from "react";
import { useRun } from "@/store/run";
import { pastOfShown } from "@/store/looking";
import { played, type Speed } from "./player";

const BEAT = 50;

/** Plays the run on the canvas from the moment shown, or from its beginning where that is now. */
export function usePlayer(): { isPlaying: boolean; play: () => void; pause: () => void; speed: Speed; setSpeed: (speed: Speed) => void } {
  const [playing, setPlaying] = useState<string | null>(null);
  const [speed, setSpeed] = useState<Speed>(1);
  const left = useRef(0);
  const run = useRun((state) => state.runId);
  const isPlaying = playing !== null && playing === run;
  const pause = useCallback(() => setPlaying(null), []);

  useEffect(() => {
    if (!isPlaying) return;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    let then = performance.now();
    const beat = async (): Promise<void> => {
      const { cursor, live, lookAt } = useRun.getState();
      const past = pastOfShown();
      if (cursor === null || live === null || past === null || cursor >= live.seq) {
        if (cursor !== null) lookAt(null);
        setPlaying(null);
        return;
      }
      const now = performance.now();
      left.current += (now - then) * speed;
      then = now;
      const here = played(await past.around(cursor), cursor, left.current);
      const next = here.isAtEdge && here.seq < live.seq ? played(await past.around(here.seq + 1), here.seq, here.left) : here;
      if (isOver || useRun.getState().cursor !== cursor) return again();
      left.current = next.left;
      if (next.seq !== cursor) lookAt(next.seq);
      again();
    };
    const again = (): void => {
      if (!isOver) timer = setTimeout(() => void beat(), BEAT);
    };
    again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isPlaying, speed]);

  const play = (): void => {
    left.current = 0;
    if (useRun.getState().cursor === null) useRun.getState().lookAt(1);
    setPlaying(run);
  };
  return { isPlaying, play, pause, speed, setSpeed };
}
