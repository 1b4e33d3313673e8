/** The path being typed before the cursor, in a text with expressions: what completion answers to. */
import type { Key } from "./known";

export interface Typing {
  /** The keys before the last dot, from the root on; empty while the root itself is typed. */
  path: Key[];
  /** What has been typed of the next name. */
  word: string;
}

const OPENING = "{{";
const PATH = /([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:-?\d+|'[^']*'|"[^"]*")\])*)?(\.?)([A-Za-z_]\w*)?$/;

/** What is being typed at the end of `before`; null outside of an expression and inside of a string. */
export function typingAt(before: string): Typing | null {
  const open = before.lastIndexOf(OPENING);
  if (open === -1 || before.indexOf("}}", open) !== -1) return null;
  const expression = before.slice(open + OPENING.length);
  if (isInString(expression)) return null;
  const match = PATH.exec(expression);
  const [, chain = "", dot = "", rest = ""] = match ?? [];
  if (dot === "" && rest === "") {
    const keys = keysOf(chain);
    const word = keys.at(-1);
    return typeof word === "string" && !chain.endsWith("]") ? { path: keys.slice(0, -1), word } : chain === "" ? { path: [], word: "" } : null;
  }
  return chain === "" && dot === "." ? null : { path: keysOf(chain), word: rest };
}

function isInString(expression: string): boolean {
  let quote = "";
  for (let at = 0; at < expression.length; at += 1) {
    const char = expression.charAt(at);
    if (quote !== "" && char === "\\") at += 1;
    else if (quote === char) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
  }
  return quote !== "";
}

/** `nodes.charge["body"][0]` as its keys. */
export function keysOf(chain: string): Key[] {
  return [...chain.matchAll(/([A-Za-z_]\w*)|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(([, name, index, single, double]) =>
    index !== undefined ? Number(index) : (name ?? single ?? double ?? ""),
  );
}

/** A key as it is written after a dot, or in brackets where it can't be. */
export const written = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
