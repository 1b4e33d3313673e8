/** Finding node types by what people type: words of the label first, then of the name and the description. */
import type { NodeType } from "@/api/types";

const ORDER = ["trigger", "flow", "data", "net", "code", "database", "queue", "people", "ai", "ml"];

/** Lower is better; null where some word isn't found at all. */
function costOf(type: NodeType, words: readonly string[]): number | null {
  const label = type.label.toLowerCase();
  const name = type.name.toLowerCase();
  let cost = 0;
  for (const word of words) {
    if (label.startsWith(word)) cost += 0;
    else if (label.includes(` ${word}`)) cost += 1;
    else if (label.includes(word)) cost += 2;
    else if (name.includes(word)) cost += 3;
    else if (type.description.toLowerCase().includes(word)) cost += 6;
    else return null;
  }
  return cost;
}

/** The types that answer the query, best first; all in their order where nothing is asked. */
export function found(types: Iterable<NodeType>, query: string): NodeType[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [...types].flatMap((type) => {
    const cost = costOf(type, words);
    return cost === null ? [] : [{ type, cost }];
  });
  return words.length === 0 ? hits.map((hit) => hit.type) : hits.sort((a, b) => a.cost - b.cost).map((hit) => hit.type);
}

/** Types by category, in the order of the house; categories it doesn't know come last. */
export function byCategory(types: readonly NodeType[]): [string, NodeType[]][] {
  const groups = new Map<string, NodeType[]>();
  for (const type of types) groups.set(type.category, [...(groups.get(type.category) ?? []), type]);
  const rank = (category: string) => (ORDER.includes(category) ? ORDER.indexOf(category) : ORDER.length);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b));
}
