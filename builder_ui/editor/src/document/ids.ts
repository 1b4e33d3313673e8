/** Ids for new nodes: short, readable, free, and never a keyword of the expression language. */
import type { FlowDocument } from "./types";

const KEYWORDS = new Set(
  ("and as assert async await break class continue def del elif else except false finally for from global if import in is " +
    "lambda none nonlocal not or pass raise return true try while with yield null match case").split(" "),
);

const ID = /^[a-z][a-z0-9_]{0,62}$/;

export const isId = (text: string): boolean => ID.test(text) && !KEYWORDS.has(text);

/** The nearest id to a text: `Charge card!` gives `charge_card`. */
export function idFrom(text: string, fallback = "node"): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 50);
  return plain === "" ? fallback : plain;
}

export const idsOf = (document: FlowDocument): Set<string> =>
  new Set([...document.nodes, ...(document.notes ?? [])].map((item) => item.id));

/** `wanted`, or with the first number that makes it free. `taken` is not changed. */
export function freeId(wanted: string, taken: ReadonlySet<string>): string {
  const base = idFrom(wanted).replace(/_\d+$/, "") || "node";
  if (isId(wanted) && !taken.has(wanted)) return wanted;
  if (isId(base) && !taken.has(base)) return base;
  for (let number = KEYWORDS.has(base) ? 1 : 2; ; number += 1) {
    const id = `${base}_${number}`;
    if (!taken.has(id)) return id;
  }
}
