/** Two runs as one page shows them: how their durations compare, and how their documents differ. Pure. */
import type { Move, RunPair, StepPair } from "@/api/past";
import type { RunStep } from "@/api/types";
import type { Difference, Mark } from "@/document/diff";
import { edgeKey, type DocumentNode, type FlowDocument } from "@/document/types";

/** How long a step took, in milliseconds; null where it hasn't both ends. */
export function tookOf(step: RunStep | null): number | null {
  if (step === null || step.started_at === null || step.finished_at === null) return null;
  return Date.parse(step.finished_at) - Date.parse(step.started_at);
}

/** Less than this (ms) is no difference that anyone feels, however many times it is. */
const FELT = 100;

/** Whether a step took so much longer or shorter on the right that it is worth a look. */
export function pace(pair: StepPair): "slower" | "faster" | null {
  const left = tookOf(pair.left);
  const right = tookOf(pair.right);
  if (left === null || right === null || Math.abs(right - left) < FELT) return null;
  if (right >= left * 1.5) return "slower";
  return left >= right * 1.5 ? "faster" : null;
}

/** What is worth a look about a step, as words of the page name it. */
export const worthOf = (pair: StepPair): string[] => [...pair.differs, ...(pace(pair) === null ? [] : ["duration"])];

export const countOfDiffering = (pair: RunPair): number => pair.steps.filter((step) => worthOf(step).length > 0).length;

/** The version a step began by, where the run was moved to another since; null for one that goes by the version of now. */
export function leftBehind(step: RunStep | null, moves: readonly Move[]): number | null {
  if (step === null || step.started_at === null) return null;
  const began = Date.parse(step.started_at);
  return moves.find(({ at }) => began < Date.parse(at))?.was_version ?? null;
}

/** How two documents differ for the canvas; where a node stands is no difference between runs. */
export function differenceOf(before: FlowDocument, after: FlowDocument): Difference {
  const old = new Map(before.nodes.map((node) => [node.id, said(node)]));
  const fresh = new Map(after.nodes.map((node) => [node.id, said(node)]));
  const nodes = new Map<string, Mark>();
  for (const [id, words] of fresh) if (old.get(id) !== words) nodes.set(id, old.has(id) ? "changed" : "added");
  for (const id of old.keys()) if (!fresh.has(id)) nodes.set(id, "removed");
  const was = new Set(before.edges.map(edgeKey));
  const is = new Set(after.edges.map(edgeKey));
  const edges = new Map<string, "added" | "removed">();
  for (const key of is) if (!was.has(key)) edges.set(key, "added");
  for (const key of was) if (!is.has(key)) edges.set(key, "removed");
  return { nodes, edges };
}

const said = ({ position: _position, ...node }: DocumentNode): string => JSON.stringify(node);
