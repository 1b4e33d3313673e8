/** A value as JSON for people: what is small and flat takes one line, so that a node is read at a glance. */
import type { FlowDocument, Json } from "../types";

const WIDE = 100;
const isFlat = (value: Json): boolean => value === null || typeof value !== "object";

export function printed(value: Json, indent = ""): string {
  if (isFlat(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList ? value.map((item): [string, Json] => ["", item]) : Object.entries(value as { [key: string]: Json }).map(([key, item]): [string, Json] => [`${JSON.stringify(key)}: `, item]);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (items.length === 0) return open + close;
  if (items.every(([, item]) => isFlat(item) && !(typeof item === "string" && item.length > WIDE))) {
    const line = items.map(([key, item]) => key + JSON.stringify(item)).join(", ");
    const said = isList ? `[${line}]` : `{ ${line} }`;
    if (indent.length + said.length <= WIDE && indent !== "") return said;
  }
  return `${open}\n${items.map(([key, item]) => inner + key + printed(item, inner)).join(",\n")}\n${indent}${close}`;
}

const ORDER: readonly (keyof FlowDocument)[] = ["dsl", "name", "description", "inputs", "settings", "nodes", "edges", "notes", "tests", "pins"];
const NODE_ORDER = ["id", "type", "label", "description", "parent", "config", "credential", "each", "join", "timeout", "retry", "on_error", "effect", "disabled", "position"];

function inOrder<T extends object>(item: T, order: readonly string[]): T {
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b))) as T;
}

/** The document with its fields in one order: what it is called, what runs, where it is drawn. */
export function arranged(document: FlowDocument): FlowDocument {
  return { ...inOrder(document, ORDER), nodes: document.nodes.map((node) => inOrder(node, NODE_ORDER)) };
}

export const jsonOf = (document: FlowDocument): string => `${printed(arranged(document) as unknown as Json)}\n`;
