/** Keeps what is shown beside the document fresh: the run's overlay, what differs, and the count of problems. */
import { useEffect } from "react";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { drawnAfter, type Drawn } from "@/store/overlay";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { useShown } from "./shown";

let drawn: Drawn | null = null;

function drawOverlay(): void {
  const { document, flow } = useEditor.getState();
  const view = useDry.getState().played?.view ?? useRun.getState().view;
  drawn = view !== null && view.flow === flow?.id ? drawnAfter(drawn, document, view) : null;
  const now = drawn?.overlay ?? null;
  if (now !== useShown.getState().overlay) useShown.setState({ overlay: now });
}

/** The overlay follows the run by the stores, not by a drawing of the canvas: an event costs the cards it changes. */
function watchRun(): () => void {
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
  return () => ends.forEach((end) => end());
}

export function useOverlay(): void {
  const problems = useEditor((state) => state.problems);
  const findings = useEditor((state) => state.findings);
  const compared = useView((state) => state.compared);

  useEffect(watchRun, []);

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
