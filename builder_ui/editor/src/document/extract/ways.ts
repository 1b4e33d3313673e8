/** Every way a part of a flow can be gone through: which nodes run and which arrows are taken, for each choice of ports. */
import { edgeKey, portOf, type DocumentEdge, type DocumentNode } from "../types";
import type { FactsOf } from "./texts";

/** More combinations than these are not looked through. */
const MOST = 1_024;

export interface Way {
  runs: ReadonlySet<string>;
  /** Keys of the edges that are taken. */
  taken: ReadonlySet<string>;
}

/** The ports a node may leave by; one of them each time. */
function choicesOf(node: DocumentNode, factsOf: FactsOf): readonly string[] {
  // What is disabled is stepped over.
  if (node.disabled) return ["out"];
  const ports = node.each ? ["out"] : factsOf(node).ports;
  return node.on_error === "route" ? [...ports, "error"] : ports;
}

/** In the order in which they run: each after all that lead to it. */
function ordered(nodes: readonly DocumentNode[], edges: readonly DocumentEdge[]): DocumentNode[] {
  const left = new Map(nodes.map((node) => [node.id, 0]));
  for (const edge of edges) if (left.has(edge.from) && left.has(edge.to)) left.set(edge.to, (left.get(edge.to) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const queue = nodes.filter((node) => left.get(node.id) === 0);
  const found: DocumentNode[] = [];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    found.push(node);
    for (const edge of edges) {
      const rest = left.get(edge.to);
      if (edge.from !== node.id || rest === undefined) continue;
      left.set(edge.to, rest - 1);
      const next = byId.get(edge.to);
      if (rest === 1 && next !== undefined) queue.push(next);
    }
  }
  return found;
}

/** All ways through `nodes` once the entries begin; null where there are too many, or a circle. `edges` may lead out of them. */
export function waysThrough(nodes: readonly DocumentNode[], edges: readonly DocumentEdge[], entries: ReadonlySet<string>, factsOf: FactsOf): Way[] | null {
  const order = ordered(nodes, edges);
  if (order.length < nodes.length) return null;
  let ways: { runs: Set<string>; taken: Set<string> }[] = [{ runs: new Set(), taken: new Set() }];
  for (const node of order) {
    const into = edges.filter((edge) => edge.to === node.id).map(edgeKey);
    const outOf = edges.filter((edge) => edge.from === node.id);
    const ports = choicesOf(node, factsOf);
    // Ports that no arrow leaves from make no difference between ways.
    const choices = [...new Set(ports.map((port) => (outOf.some((edge) => portOf(edge) === port) ? port : "")))];
    const next: typeof ways = [];
    for (const way of ways) {
      const arrived = into.filter((key) => way.taken.has(key)).length;
      const needed = typeof node.join === "object" ? node.join.count : 1;
      const isBegun = entries.has(node.id);
      // Too few came where more were asked for: then the run fails, and nothing follows it.
      if (!isBegun && arrived > 0 && arrived < needed) continue;
      if (!isBegun && arrived === 0) {
        next.push(way);
        continue;
      }
      const runs = new Set([...way.runs, node.id]);
      for (const port of choices) next.push({ runs, taken: new Set([...way.taken, ...outOf.filter((edge) => portOf(edge) === port).map(edgeKey)]) });
      if (choices.length === 0) next.push({ runs, taken: way.taken });
      if (next.length > MOST) return null;
    }
    ways = next;
  }
  return ways;
}
