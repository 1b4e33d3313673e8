/** How what a run tells comes upon a canvas on which much stands: a few cards a frame, so that no frame waits for all of them. */
import { edgeKey, type FlowDocument } from "@/document/types";
import type { Overlay } from "@/store/overlay";

const NOTHING: Overlay = { nodes: new Map(), edges: new Map() };

/** The nodes that stand on the canvas as elements. */
export type Standing = () => Iterable<string>;

/** The way from what is shown to what is told, as far as it goes in one frame: of the cards that stand at most so many take on what they are told; whatever doesn't stand costs nothing. */
export function towards(shown: Overlay | null, told: Overlay, { document, standing, most }: { document: FlowDocument; standing: Standing; most: number }): Overlay {
  const before = shown ?? NOTHING;
  const late = [...standing()].filter((id) => before.nodes.get(id) !== told.nodes.get(id));
  if (late.length <= most) return told;
  const waiting = new Set(late.slice(most));
  const [nodes, edges] = [new Map(told.nodes), new Map(told.edges)];
  for (const id of waiting) keep(nodes, id, before.nodes.get(id));
  for (const edge of document.edges) if (waiting.has(edge.from)) keep(edges, edgeKey(edge), before.edges.get(edgeKey(edge)));
  return { nodes, edges };
}

function keep<T>(all: Map<string, T>, key: string, before: T | undefined): void {
  if (before === undefined) all.delete(key);
  else all.set(key, before);
}
