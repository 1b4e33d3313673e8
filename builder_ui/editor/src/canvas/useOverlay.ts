/** Keeps what is shown beside the document fresh: the run's overlay, what differs, and the count of problems. */
import { useEffect } from "react";
import { useEditor } from "@/store/editor";
import { overlay } from "@/store/overlay";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { useShown } from "./shown";

export function useOverlay(): void {
  const document = useEditor((state) => state.document);
  const flow = useEditor((state) => state.flow?.id);
  const problems = useEditor((state) => state.problems);
  const findings = useEditor((state) => state.findings);
  const compared = useView((state) => state.compared);
  const view = useRun((state) => state.view);

  useEffect(() => {
    const isOurs = view !== null && view.flow === flow;
    useShown.getState().setOverlay(isOurs ? overlay(document, view) : null);
  }, [document, flow, view]);

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
