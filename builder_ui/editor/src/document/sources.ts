/** Which nodes' outputs a node may read, and who reads which. Pure. */
import { nodesRead } from "./expressions";
import { COMPENSATE } from "./graph";
import { nodeOf, portOf, type DocumentNode, type FlowDocument, type Json } from "./types";

/** The nodes that have run when this one does, the nearest first: what leads to it, and to the containers around it. */
export function sourcesOf(document: FlowDocument, id: string): string[] {
  const found = new Set<string>();
  const around = new Set<string>();
  for (let here: string | null = id; here !== null && !around.has(here); here = nodeOf(document, here)?.parent ?? null) around.add(here);
  let ring = [...around];
  while (ring.length > 0) {
    const next: string[] = [];
    for (const edge of document.edges) {
      const isReadable = ring.includes(edge.to) && portOf(edge) !== COMPENSATE;
      if (isReadable && !found.has(edge.from) && !around.has(edge.from)) {
        found.add(edge.from);
        next.push(edge.from);
      }
    }
    ring = next;
  }
  return [...found];
}

/** Everything in which a node's expressions stand. */
const said = (node: DocumentNode): Json => [node.config ?? null, (node.each as Json | undefined) ?? null];

/** Whose outputs the node reads, and who reads its own; neither needs an arrow between them. */
export function readingOf(document: FlowDocument, id: string): { reads: string[]; readers: string[] } {
  const node = nodeOf(document, id);
  if (node === undefined) return { reads: [], readers: [] };
  const there = new Set(document.nodes.map((each) => each.id));
  return {
    reads: [...nodesRead(said(node))].filter((other) => other !== id && there.has(other)),
    readers: document.nodes.filter((other) => other.id !== id && nodesRead(said(other)).has(id)).map((other) => other.id),
  };
}
