/** Keeps what is shown beside the document fresh: the run's overlay, what differs, and the count of problems. */
import { useEffect } from "react";
import { flushSync } from "react-dom";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { drawnAfter, type Drawn, type Overlay } from "@/store/overlay";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { towards, type Standing } from "./arriving";
import { inFrames } from "./frames";
import { useShown } from "./shown";
import { paceOf } from "./staging";

/** Milliseconds of a frame that cards may take to take on what a run tells of them; the others follow in the next frames. */
const BUDGET = 4;
/** So many frames apart at most, however slow the machine is. */
const LATEST = 3;

/** The overlay follows the run by the stores, not by a drawing of the canvas: an event costs the cards it changes. */
function watchRun(standing: Standing): () => void {
  let drawn: Drawn | null = null;
  // The first takes the longest: its programs run for the first time.
  const pace = paceOf(BUDGET);
  const partNow = (most: number): Overlay | null => (drawn === null ? null : towards(useShown.getState().overlay, drawn.overlay, { document: drawn.document, standing, most }));
  const show = (overlay: Overlay | null): void => {
    if (overlay !== useShown.getState().overlay) useShown.setState({ overlay });
  };
  const goOn = (): void => {
    const most = pace.most(BUDGET);
    const part = partNow(most);
    const began = performance.now();
    flushSync(() => show(part));
    if (part === (drawn?.overlay ?? null)) return;
    const took = performance.now() - began;
    pace.took(took, most);
    // What took more than it should, as the first cards of a run do, is paid for by frames in which none follows.
    later.wait(Math.min(LATEST, Math.ceil(took / BUDGET)));
  };
  const later = inFrames(goOn);
  const drawOverlay = (): void => {
    const { document, flow } = useEditor.getState();
    const view = useDry.getState().played?.view ?? useRun.getState().view;
    drawn = view !== null && view.flow === flow?.id ? drawnAfter(drawn, document, view) : null;
    if (later.isAsked()) return;
    // What is told by much has work enough in this frame.
    const part = partNow(pace.most(BUDGET));
    if (part === (drawn?.overlay ?? null)) show(part);
    else later.wait(1);
  };
  drawOverlay();
  const ends = [
    useRun.subscribe(({ view, runId }, before) => {
      // Whoever begins or opens a run wants to see that one.
      if (runId !== before.runId && runId !== null) useDry.getState().leave();
      if (view !== before.view) drawOverlay();
    }),
    useDry.subscribe(drawOverlay),
    useEditor.subscribe(({ document, flow }, before) => {
      if (flow?.id !== before.flow?.id) useDry.getState().leave();
      if (document !== before.document || flow?.id !== before.flow?.id) drawOverlay();
    }),
  ];
  return () => {
    later.cancel();
    ends.forEach((end) => end());
  };
}

/** `standing` is asked at each moment, and the same function always. */
export function useOverlay(standing: Standing): void {
  const problems = useEditor((state) => state.problems);
  const findings = useEditor((state) => state.findings);
  const compared = useView((state) => state.compared);

  useEffect(() => watchRun(standing), [standing]);

  useEffect(() => {
    useShown.setState({ difference: compared?.difference ?? null });
  }, [compared]);

  useEffect(() => {
    const counts = new Map<string, number>();
    for (const { node } of problems) if (node !== null) counts.set(node, (counts.get(node) ?? 0) + 1);
    useShown.setState({ problems: counts });
  }, [problems]);

  useEffect(() => {
    const said = new Map<string, string[]>();
    for (const { node, message } of findings) if (node !== null) said.set(node, [...(said.get(node) ?? []), message]);
    useShown.setState({ findings: said });
  }, [findings]);
}
