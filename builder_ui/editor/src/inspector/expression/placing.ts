/** Putting an expression into a text: bare within braces that stand there, with braces of its own elsewhere. Pure. */
import { written } from "./pathBefore";
import type { Key } from "./known";

/** What a dragged path is known by; beside it stands the text that any field takes. */
export const CARRIED = "application/x-mulgil-expression";

export const braced = (expression: string): string => `{{ ${expression} }}`;

/** `nodes.charge` and the keys in it, as they are written. */
export const pathText = (root: string, keys: readonly Key[]): string => root + keys.map((key) => (typeof key === "number" ? `[${key}]` : written(key))).join("");

/** A column of the list that stands there: what each of its rows has under this name. */
export const columnText = (root: string, keys: readonly Key[], column: string): string => `[${pathText("row", [column])} for row in ${pathText(root, keys)}]`;

/** Whether a place stands between braces: after `{{`, and before the `}}` that ends it. */
function isInside(text: string, at: number): boolean {
  const open = text.lastIndexOf("{{", at - 1);
  return open !== -1 && open + 2 <= at && !text.slice(open, at).includes("}}");
}

/** What is put in at a place, and where the cursor goes. */
export function placing(text: string, from: number, to: number, expression: string): { from: number; to: number; insert: string; cursor: number } {
  const insert = isInside(text, from) ? expression : braced(expression);
  return { from, to, insert, cursor: from + insert.length };
}
