/** What the server says has changed, as marks for the canvas. */
import type { Change } from "@/api/changes";
import type { Difference, Mark } from "@/document/diff";

/** What says most about a node: one that changed and moved has changed. */
const WEIGHT: readonly Mark[] = ["moved", "changed", "removed", "added"];

export function marksOf(changes: readonly Change[]): Difference {
  const nodes = new Map<string, Mark>();
  const edges = new Map<string, "added" | "removed">();
  for (const { part, what, id } of changes) {
    if (part === "node") {
      const before = nodes.get(id);
      if (before === undefined || WEIGHT.indexOf(what) > WEIGHT.indexOf(before)) nodes.set(id, what);
    } else if (part === "edge" && (what === "added" || what === "removed")) edges.set(keyOf(id), what);
  }
  return { nodes, edges };
}

/** `from.port>to`, as changes name an edge, is `from:port>to` in the document. No id holds a dot. */
const keyOf = (id: string): string => id.replace(".", ":");
