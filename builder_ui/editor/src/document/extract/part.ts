/** The part that is to be taken out, as it stands in its flow: where its walls are, and every way in and out of it. */
import { COMPENSATE, reachable, withDescendants } from "../graph";
import { edgeKey, nodeOf, portOf, type DocumentEdge, type DocumentNode, type FlowDocument, type Join } from "../types";
import type { Reason, Refused } from "./outcome";
import type { FactsOf } from "./texts";
import { waysThrough, type Way } from "./ways";

export interface Part {
  parent: string | null;
  /** The nodes themselves, and with all that they hold. */
  tops: readonly DocumentNode[];
  inside: ReadonlySet<string>;
  inner: readonly DocumentEdge[];
  entering: readonly DocumentEdge[];
  leaving: readonly DocumentEdge[];
  entries: readonly DocumentNode[];
  /** How the call waits for what leads to it. */
  join: Join | undefined;
  ways: readonly Way[];
}

/** Nodes that mean the run or the flow they stand in: in another they would mean that one. */
const isOwn = (node: DocumentNode): boolean => node.type === "flow.signal" || (node.type === "flow.rollback" && node.config?.flow === undefined);

export const refused = (reason: Reason, nodes: readonly string[], more: readonly string[] = []): Refused => ({ reason, nodes, more });

const ids = (nodes: readonly DocumentNode[]): string[] => nodes.map((node) => node.id);

export function partOf(document: FlowDocument, selected: Iterable<string>, factsOf: FactsOf): Part | Refused {
  const inside = withDescendants(document, selected);
  const tops = document.nodes.filter((node) => inside.has(node.id) && !(node.parent != null && inside.has(node.parent)));
  if (tops.length === 0) return refused("nothing", []);
  const held = document.nodes.filter((node) => inside.has(node.id));
  const found = (reason: Reason, is: (node: DocumentNode) => boolean): Refused | null => (held.some(is) ? refused(reason, ids(held.filter(is))) : null);
  const unfit = found("trigger", (node) => factsOf(node).role === "trigger" || node.type.startsWith("trigger.")) ?? found("stop", (node) => node.type === "flow.stop") ?? found("own", isOwn);
  if (unfit !== null) return unfit;
  if (new Set(tops.map((node) => node.parent ?? null)).size > 1) return refused("walls", ids(tops));
  const undone = document.edges.filter((edge) => portOf(edge) === COMPENSATE && (inside.has(edge.from) || inside.has(edge.to)));
  if (undone.length > 0) return refused("undo", [...new Set(undone.flatMap((edge) => [edge.from, edge.to]))].filter((id) => inside.has(id)));
  return wired(document, tops, inside, factsOf);
}

function wired(document: FlowDocument, tops: readonly DocumentNode[], inside: ReadonlySet<string>, factsOf: FactsOf): Part | Refused {
  const own = new Set(ids(tops));
  const inner = document.edges.filter((edge) => own.has(edge.from) && own.has(edge.to));
  const entering = document.edges.filter((edge) => !own.has(edge.from) && own.has(edge.to));
  const leaving = document.edges.filter((edge) => own.has(edge.from) && !own.has(edge.to));
  const between = goingBack(document, own, leaving);
  if (between.length > 0) return refused("back", between, between);

  const isLedTo = (id: string, edges: readonly DocumentEdge[]): boolean => edges.some((edge) => edge.to === id);
  const entries = tops.filter((node) => isLedTo(node.id, entering) || !isLedTo(node.id, inner));
  const waysIn = new Set(entries.map((node) => JSON.stringify(entering.filter((edge) => edge.to === node.id).map((edge) => `${edge.from}:${portOf(edge)}`).sort())));
  if (waysIn.size > 1) return refused("entries", ids(entries));
  const joins = new Set(entries.map((node) => JSON.stringify(node.join ?? "all")));
  const [first] = entries;
  const waits = first?.join !== undefined && first.join !== "all" ? first.join : undefined;
  const choosing = entries.filter((node) => node.join !== undefined && node.join !== "all");
  if (choosing.length > 0 && (joins.size > 1 || choosing.some((node) => isLedTo(node.id, inner)))) return refused("join", ids(choosing));

  const ways = waysThrough(tops, [...inner, ...leaving], new Set(ids(entries)), factsOf);
  if (ways === null) return refused("many", []);
  const counting = document.nodes.filter((node) => typeof node.join === "object" && leaving.filter((edge) => edge.to === node.id).length > 1);
  if (counting.length > 0) return refused("counts", ids(counting), ids(counting));
  // Ways that part inside and meet again in one node outside are one way out, if some of them is always taken.
  const isReached = (to: string, way: Way): boolean => leaving.some((edge) => edge.to === to && way.taken.has(edgeKey(edge)));
  const perhaps = leaving.filter((edge) => ways.some((way) => !isReached(edge.to, way)));
  if (perhaps.length > 0) return refused("sometimes", [...new Set(perhaps.map((edge) => edge.from))]);
  return { parent: tops[0]?.parent ?? null, tops, inside, inner, entering, leaving, entries, join: waits, ways };
}

/** The nodes outside that lie on a way out of the part and back into it. */
function goingBack(document: FlowDocument, own: ReadonlySet<string>, leaving: readonly DocumentEdge[]): string[] {
  const forward = { ...document, edges: document.edges.filter((edge) => portOf(edge) !== COMPENSATE) };
  const after = reachable(forward, leaving.map((edge) => edge.to), "down");
  const before = reachable(forward, own, "up");
  return [...after].filter((id) => before.has(id) && !own.has(id) && nodeOf(document, id) !== undefined);
}
