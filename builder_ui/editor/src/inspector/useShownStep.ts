/** The step of a node in the run on the canvas, and its detail from the server. */
import { useMemo } from "react";
import { useStep } from "@/api/queries";
import type { StepDetail } from "@/api/types";
import { useEditor } from "@/store/editor";
import type { StepState } from "@/store/fold";
import { overlay } from "@/store/overlay";
import { useRun } from "@/store/run";

export function useShownStep(node: string): StepState | null {
  const view = useRun((state) => state.view);
  const opened = useRun((state) => state.stepKey);
  const document = useEditor((state) => state.document);
  return useMemo(() => {
    if (view === null) return null;
    const chosen = opened !== null ? view.steps.get(opened) : undefined;
    if (chosen?.node === node) return chosen;
    return view.steps.get(node) ?? view.steps.get(overlay(document, view).nodes.get(node)?.key ?? "") ?? null;
  }, [view, opened, document, node]);
}

/** What the server knows of that step; asked again when something happened to it. */
export function useShownDetail(node: string): { step: StepState | null; detail: StepDetail | null; isPending: boolean; asked: ReturnType<typeof useStep> } {
  const run = useRun((state) => state.runId);
  const step = useShownStep(node);
  const isPast = useRun((state) => state.cursor !== null);
  const isThere = step !== null && step.status !== "pending" && step.status !== "skipped";
  const answer = useStep(isThere ? run : null, isThere ? step.key : null, step?.seq ?? 0, isPast);
  return { step, detail: answer.data ?? null, isPending: isThere && answer.isPending, asked: answer };
}
