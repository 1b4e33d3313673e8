/** The texts of a node that are evaluated, and which roots of turns mean something of their own there. */
import type { Role } from "../catalogue";
import type { DocumentNode, Json } from "../types";

/** What extraction must know of a node's type. */
export interface Facts {
  role: Role;
  /** The ports a success may leave from. */
  ports: readonly string[];
  /** Fields of the config that hold no expressions. */
  verbatim: readonly string[];
  /** Fields of the config that are evaluated once per item. */
  perItem: readonly string[];
}
export type FactsOf = (node: DocumentNode) => Facts;

export interface EvaluatedText {
  text: string;
  /** The roots that this node or a container within reach gives it: `item` of its own each. */
  bound: ReadonlySet<string>;
  /** It is evaluated whenever the node runs. */
  isCertain: boolean;
}

const ITEM = ["item", "index"];
const PER_TURN: Record<string, readonly string[]> = { "flow.for_each": ITEM, "flow.while": ["index", "last"], "flow.lock": ["lock"] };

type Write = (text: string, bound: ReadonlySet<string>, isCertain: boolean) => string;

/** The node with every text that is evaluated written anew. `around`: the containers that go along with it, of any depth. */
export function withTexts(node: DocumentNode, around: readonly DocumentNode[], facts: Facts, write: Write): DocumentNode {
  const outer = new Set(around.flatMap((container) => PER_TURN[container.type] ?? []));
  const own = new Set([...outer, ...(node.each ? ITEM : []), ...(node.type === "flow.while" ? (PER_TURN["flow.while"] ?? []) : [])]);
  const isCertain = !node.each && around.length === 0;
  const next = { ...node };
  if (node.config !== undefined) {
    const entries = Object.entries(node.config).map(([key, value]): [string, Json] => {
      if (facts.verbatim.includes(key)) return [key, value];
      const isPerItem = facts.perItem.includes(key);
      return [key, mapped(value, (text) => write(text, isPerItem ? new Set([...own, ...ITEM]) : own, isCertain && !isPerItem))];
    });
    next.config = Object.fromEntries<Json>(entries);
  }
  if (node.each) next.each = { ...node.each, items: mapped(node.each.items, (text) => write(text, outer, around.length === 0)) };
  return next;
}

function mapped(value: Json, write: (text: string) => string): Json {
  if (typeof value === "string") return value.includes("{{") ? write(value) : value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, write));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, write)]));
}

export function textsOf(node: DocumentNode, around: readonly DocumentNode[], facts: Facts): EvaluatedText[] {
  const found: EvaluatedText[] = [];
  withTexts(node, around, facts, (text, bound, isCertain) => {
    found.push({ text, bound, isCertain });
    return text;
  });
  return found;
}
