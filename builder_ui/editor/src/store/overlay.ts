/** The run as the canvas draws it: one state per node and per edge, a pure function of a run's view. */
import type { RunError, StepStatus, WaitsOn } from "@/api/types";
import { COMPENSATE } from "@/document/graph";
import { edgeKey, portOf, type DocumentEdge, type DocumentNode, type FlowDocument } from "@/document/types";
import { blank, hasEnded, nodeOfKey, type RunView, type StepState } from "./fold";

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

function tallied(view: RunView, asked: ReadonlySet<string> | null): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const step of view.steps.values()) {
    if (asked !== null && !asked.has(step.node)) continue;
    const tally = tallies.get(step.node) ?? { own: null, items: [], inner: [], before: 0 };
    tallies.set(step.node, tally);
    if (step.key.endsWith("]")) tally.items.push(step);
    else if (step.key.includes("/")) tally.inner.push(step);
    else tally.own = step;
  }
  for (const [node, counts] of view.ended ?? []) {
    if (asked !== null && !asked.has(node)) continue;
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

export const overlay = (document: FlowDocument, view: RunView): Overlay => drawnAfter(null, document, view).overlay;

/** What was drawn, and of what. */
export interface Drawn {
  document: FlowDocument;
  view: RunView;
  overlay: Overlay;
}

/** The overlay of a later moment, made from that of an earlier one: an event costs the nodes it tells of, and what looks as it did is the same object. */
export function drawnAfter(before: Drawn | null, document: FlowDocument, view: RunView): Drawn {
  const told = before?.document === document ? toldOf(before.view, view) : null;
  const found = before === null || told === null ? { nodes: new Map<string, NodeOverlay>(), edges: new Map<string, EdgeOverlay>() } : before.overlay;
  const parts = partsOf(document);
  const asked = told === null ? null : new Set([...told].flatMap((id) => [id, ...(parts.inside.get(id) ?? [])]));
  const nodes = new Map(found.nodes);
  const changed: string[] = [];
  for (const [id, made] of nodesOf(view, asked, parts)) {
    const old = before?.overlay.nodes.get(id);
    const node = old !== undefined && looksAlike(old, made) ? old : made;
    if (node === nodes.get(id)) continue;
    nodes.set(id, node);
    changed.push(id);
  }
  if (told !== null && changed.length === 0) return { document, view, overlay: found };
  const edges = new Map(found.edges);
  for (const edge of told === null ? document.edges : new Set(changed.flatMap((id) => parts.arrows.get(id) ?? []))) {
    edges.set(edgeKey(edge), edgeState(portOf(edge), nodes.get(edge.from), nodes.get(edge.to), parts.nodes.get(edge.from)?.on_error ?? "fail"));
  }
  return { document, view, overlay: { nodes, edges } };
}

/** Field by field, for most are the same values: a run that begins asks this of all its nodes. */
function looksAlike(one: NodeOverlay, other: NodeOverlay): boolean {
  if (one === other) return true;
  const isSame = (field: keyof NodeOverlay): boolean => one[field] === other[field] || (typeof one[field] === "object" && JSON.stringify(one[field]) === JSON.stringify(other[field]));
  return (Object.keys(one) as (keyof NodeOverlay)[]).every(isSame);
}

/** The nodes that the steps which changed belong to, and those around them; null where one can't be told from the other. */
function toldOf(before: RunView, after: RunView): Set<string> | null {
  if (before.id !== after.id || before.ended !== after.ended) return null;
  const nodes = new Set<string>();
  let met = 0;
  for (const [key, step] of after.steps) {
    const old = before.steps.get(key);
    if (old !== undefined) met += 1;
    if (old === step) continue;
    nodes.add(step.node);
    for (const part of key.split("/")) nodes.add(nodeOfKey(part));
  }
  return met === before.steps.size ? nodes : null;
}

interface Parts {
  nodes: ReadonlyMap<string, DocumentNode>;
  /** The nodes right inside of a container. */
  inside: ReadonlyMap<string, readonly string[]>;
  /** The arrows that lead to a node or from it. */
  arrows: ReadonlyMap<string, readonly DocumentEdge[]>;
}

const known = new WeakMap<FlowDocument, Parts>();

function partsOf(document: FlowDocument): Parts {
  const before = known.get(document);
  if (before !== undefined) return before;
  const inside = new Map<string, string[]>();
  const arrows = new Map<string, DocumentEdge[]>(document.nodes.map(({ id }) => [id, []]));
  for (const { id, parent } of document.nodes) if (parent != null) inside.set(parent, [...(inside.get(parent) ?? []), id]);
  for (const edge of document.edges) for (const end of new Set([edge.from, edge.to])) arrows.get(end)?.push(edge);
  const made = { nodes: new Map(document.nodes.map((node) => [node.id, node])), inside, arrows };
  known.set(document, made);
  return made;
}

/** How each node stands that is asked for; all where `asked` is null. */
function nodesOf(view: RunView, asked: ReadonlySet<string> | null, parts: Parts): Map<string, NodeOverlay> {
  const tallies = tallied(view, asked);
  const totals = totalsOf(view);
  const nodes = new Map<string, NodeOverlay>();
  for (const id of asked ?? parts.nodes.keys()) {
    const node = parts.nodes.get(id);
    const tally = tallies.get(id);
    if (node === undefined || tally === undefined) continue;
    const found = overlayOf(tally, node.parent != null ? (totals.get(node.parent) ?? null) : null);
    if (found === null) continue;
    const { progress } = found;
    nodes.set(id, progress !== null && totals.has(id) ? { ...found, progress: turnsOf(view, id, progress.total, tally.own?.done ?? 0) } : found);
  }
  return nodes;
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
