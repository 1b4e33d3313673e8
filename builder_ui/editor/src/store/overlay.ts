/** The run as the canvas draws it: one state per node and per edge, a pure function of a run's view. */
import type { RunError, StepStatus, WaitsOn } from "@/api/types";
import { COMPENSATE } from "@/document/graph";
import { edgeKey, portOf, type FlowDocument } from "@/document/types";
import { blank, hasEnded, type RunView, type StepState } from "./fold";

export interface NodeOverlay {
  status: StepStatus;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  due: string | null;
  error: RunError | null;
  port: string | null;
  /** How many of its items or iterations have ended, of how many; null where it runs once. */
  progress: { done: number; total: number } | null;
  waitsOn: WaitsOn | null;
  /** The key to open for its detail: its own step, or the first inside a container that failed or is running. */
  key: string;
}

export type EdgeOverlay = "taken" | "flowing" | "dead" | "idle";

export interface Overlay {
  nodes: ReadonlyMap<string, NodeOverlay>;
  edges: ReadonlyMap<string, EdgeOverlay>;
}

const URGENCY: readonly StepStatus[] = [
  "failed",
  "uncertain",
  "running",
  "retrying",
  "waiting",
  "succeeded",
  "compensated",
  "cancelled",
  "skipped",
  "pending",
];

interface Tally {
  own: StepState | null;
  items: StepState[];
  inner: StepState[];
  /** How many more had ended before, of steps that aren't told one by one. */
  before: number;
}

function tallied(view: RunView): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const step of view.steps.values()) {
    const tally = tallies.get(step.node) ?? { own: null, items: [], inner: [], before: 0 };
    tallies.set(step.node, tally);
    if (step.key.endsWith("]")) tally.items.push(step);
    else if (step.key.includes("/")) tally.inner.push(step);
    else tally.own = step;
  }
  for (const [node, counts] of view.ended ?? []) {
    const tally = tallies.get(node) ?? { own: null, items: [], inner: [], before: 0 };
    // A repeated step counts its items itself.
    if (tally.own !== null) continue;
    tallies.set(node, tally);
    for (const [status, count] of Object.entries(counts)) {
      tally.before += count;
      tally.inner.push({ ...blank(node), status: status as StepStatus });
    }
    tally.before -= Object.keys(counts).length;
  }
  return tallies;
}

const countEnded = (steps: readonly StepState[]): number => steps.filter((step) => hasEnded(step.status)).length;

/** What a step that stands alone is drawn as: the same object for the same step, so that an event costs its own node. */
const alone = new WeakMap<StepState, NodeOverlay>();

function overlayOf(tally: Tally, total: number | null): NodeOverlay | null {
  const { own } = tally;
  const isAlone = own !== null && total === null && tally.items.length + tally.inner.length + tally.before === 0;
  if (!isAlone) return gathered(tally, total);
  const known = alone.get(own) ?? gathered(tally, null);
  if (known !== null) alone.set(own, known);
  return known;
}

function gathered(tally: Tally, total: number | null): NodeOverlay | null {
  const all = [...(tally.own ? [tally.own] : []), ...tally.inner, ...tally.items];
  const urgent = [...all].sort((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status))[0];
  const shown = tally.own ?? urgent;
  if (shown === undefined || urgent === undefined) return null;
  const repeated = tally.items.length > 0 ? tally.items : tally.inner;
  const count = tally.own?.total ?? total ?? (repeated.length > 0 ? repeated.length + tally.before : null);
  return {
    status: shown.status,
    attempt: shown.attempt,
    startedAt: shown.startedAt,
    finishedAt: shown.finishedAt,
    due: shown.due,
    error: shown.error ?? urgent.error,
    port: shown.port,
    waitsOn: shown.waitsOn,
    progress: count === null ? null : { done: Math.min((tally.own?.done ?? 0) + tally.before + countEnded(repeated), count), total: count },
    key: tally.own?.key ?? urgent.key,
  };
}

/** How many turns of its container a node may have: the totals of all steps of the container, together. */
function totalsOf(view: RunView): Map<string, number> {
  const totals = new Map<string, number>();
  for (const step of view.steps.values()) {
    if (step.total !== null) totals.set(step.node, (totals.get(step.node) ?? 0) + step.total);
  }
  return totals;
}

export function overlay(document: FlowDocument, view: RunView | null): Overlay | null {
  if (view === null) return null;
  const tallies = tallied(view);
  const totals = totalsOf(view);
  const nodes = new Map<string, NodeOverlay>();
  for (const node of document.nodes) {
    const tally = tallies.get(node.id);
    const found = tally && overlayOf(tally, node.parent != null ? (totals.get(node.parent) ?? null) : null);
    if (found) nodes.set(node.id, found);
  }
  for (const node of document.nodes) {
    const own = nodes.get(node.id);
    if (own?.progress && totals.has(node.id)) nodes.set(node.id, { ...own, progress: turnsOf(view, node.id, own.progress.total, tallies.get(node.id)?.own?.done ?? 0) });
  }
  return { nodes, edges: edgeStates(document, nodes) };
}

/** A container's progress: the turns whose every step has ended. */
function turnsOf(view: RunView, container: string, total: number, before: number): { done: number; total: number } {
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const step of view.steps.values()) {
    const turn = turnOf(step.key, container);
    if (turn === null) continue;
    seen.add(turn);
    if (!hasEnded(step.status)) open.add(turn);
  }
  return { done: Math.min(before + seen.size - open.size, total), total };
}

function turnOf(key: string, container: string): string | null {
  const parts = key.split("/");
  const at = parts.findIndex((part) => part.startsWith(`${container}[`));
  return at === -1 ? null : parts.slice(0, at + 1).join("/");
}

function edgeStates(document: FlowDocument, nodes: ReadonlyMap<string, NodeOverlay>): Map<string, EdgeOverlay> {
  const routes = new Map(document.nodes.map((node) => [node.id, node.on_error ?? "fail"]));
  const edges = new Map<string, EdgeOverlay>();
  for (const edge of document.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    edges.set(edgeKey(edge), edgeState(portOf(edge), from, to, routes.get(edge.from) ?? "fail"));
  }
  return edges;
}

const GOING: readonly StepStatus[] = ["running", "retrying", "waiting"];

/** An undo that has begun was asked for, whatever becomes of it. */
function undoState(from: NodeOverlay, to: NodeOverlay | undefined): EdgeOverlay {
  if (to !== undefined && GOING.includes(to.status)) return "flowing";
  return from.status === "compensated" || to?.status === "succeeded" || to?.status === "failed" ? "taken" : "idle";
}

function edgeState(port: string, from: NodeOverlay | undefined, to: NodeOverlay | undefined, onError: string): EdgeOverlay {
  if (from === undefined) return "idle";
  if (port === COMPENSATE) return undoState(from, to);
  // An arrow that the run's own version lacks leads to a node that the run knows nothing of.
  if (to === undefined) return "idle";
  if (from.status === "skipped" || from.status === "cancelled") return "dead";
  const isTaken =
    (from.status === "succeeded" || from.status === "compensated"
      ? from.port === null ? to.status !== "skipped" && to.status !== "pending" : from.port === port
      : false) ||
    (from.status === "failed" && ((onError === "route" && port === "error") || (onError === "continue" && port === "out")));
  if (isTaken) return GOING.includes(to.status) ? "flowing" : "taken";
  return hasEnded(from.status) && (from.port !== null || from.status === "failed") ? "dead" : "idle";
}
