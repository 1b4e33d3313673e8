/** A dry run as a run is shown: its events folded, and of every step what came of it and what it would have asked for. */
import type { AskedOfWorld, DryRun } from "@/api/dryRuns";
import type { Run } from "@/api/types";
import type { FlowDocument, Json, JsonObject } from "@/document/types";
import { beginning, folded, viewOf, type RunView, type StepState } from "@/store/fold";

export interface DryStep {
  state: StepState;
  /** What it gave; undefined where it gave nothing. */
  output: Json | undefined;
  asked: AskedOfWorld | null;
}

export function viewOfDry(flow: string, document: FlowDocument, input: JsonObject, told: DryRun): RunView {
  const at = told.events[0]?.at ?? "";
  const top = document.nodes.filter((node) => node.parent == null);
  const run: Run = {
    id: "",
    flow,
    version: null,
    status: "queued",
    input,
    output: null,
    error: null,
    created_at: at,
    started_at: null,
    finished_at: null,
    steps: top.map(({ id }) => ({ key: id, node: id, status: "pending", attempt: 0, started_at: null, finished_at: null, error: null })),
  };
  return folded(beginning(viewOf(run, 0)), told.events);
}

/** The steps that came to something, in the order in which they ended or came to rest. */
export function stepsOfDry(view: RunView, told: DryRun): DryStep[] {
  const outputs = new Map<string, Json>();
  for (const { kind, step, data } of told.events) if (kind === "step_succeeded" && step !== null) outputs.set(step, data.output ?? null);
  const asked = new Map(told.asked.map((one): [string, AskedOfWorld] => [one.step, one]));
  const began = [...view.steps.values()].filter(({ status, seq }) => seq > 0 && status !== "skipped" && status !== "pending");
  return began.sort((a, b) => a.seq - b.seq).map((state) => ({ state, output: outputs.get(state.key), asked: asked.get(state.key) ?? null }));
}

/** The nodes that wait for what nobody says in a dry run. */
export const waitingOf = (view: RunView): string[] => [...new Set([...view.steps.values()].filter(({ status }) => status === "waiting").map(({ node }) => node))];
