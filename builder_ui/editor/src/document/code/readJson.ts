/** JSON with the place of every value, and its faults where they are: the browser's own reader tells neither. */
import type { Json } from "../types";
import { DEEPEST, type Fault, type Source, type Span, type Why } from "./source";

class Stuck extends Error {
  constructor(readonly fault: Fault) {
    super(fault.why);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// A text holds no line break and no other control character as it is.
// eslint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORDS: Record<string, Json> = { true: true, false: false, null: null };

export function readJson(text: string): Source {
  const places = new Map<string, Span>();
  const faults: Fault[] = [];
  let at = 0;

  const stuck = (why: Why, from = at, to = Math.min(text.length, from + 1), what = text.slice(from, to)): Stuck => new Stuck({ from, to, why, what });
  const blank = (): void => {
    while (at < text.length && " \t\r\n".includes(text.charAt(at))) at += 1;
  };
  const unexpected = (): Stuck => (at >= text.length ? stuck("unended", Math.max(0, text.trimEnd().length - 1), text.length, "") : stuck("unexpected"));
  const take = (char: string): boolean => {
    blank();
    if (text.charAt(at) !== char) return false;
    at += 1;
    return true;
  };

  function string(): string {
    const from = at;
    at += 1;
    for (;;) {
      PLAIN.lastIndex = at;
      PLAIN.exec(text);
      at = PLAIN.lastIndex;
      const char = text.charAt(at);
      if (char === '"') break;
      ESCAPE.lastIndex = at;
      if (char !== "\\" || !ESCAPE.test(text)) throw char === "" || char === "\n" ? stuck("text", from, at, "") : stuck("text", at, at + 1);
      at = ESCAPE.lastIndex;
    }
    at += 1;
    return JSON.parse(text.slice(from, at)) as string;
  }

  function value(pointer: string, depth: number): Json {
    blank();
    const from = at;
    if (depth > DEEPEST) throw stuck("deep");
    const found = bare(pointer, depth);
    places.set(pointer, { from, to: at });
    return found;
  }

  function bare(pointer: string, depth: number): Json {
    const char = text.charAt(at);
    if (char === "{") return object(pointer, depth);
    if (char === "[") return list(pointer, depth);
    if (char === '"') return string();
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0];
    if (digits !== undefined) {
      const from = at;
      at += digits.length;
      if (/[\w.+-]/.test(text.charAt(at)) || !Number.isFinite(Number(digits))) throw stuck("number", from, at + 1);
      return Number(digits);
    }
    const word = /^\w+/.exec(text.slice(at, at + 12))?.[0] ?? "";
    const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (known === undefined) throw word === "" ? unexpected() : stuck("unexpected", at, at + word.length);
    at += word.length;
    return known;
  }

  function list(pointer: string, depth: number): Json {
    const items: Json[] = [];
    at += 1;
    if (take("]")) return items;
    do items.push(value(`${pointer}/${items.length}`, depth + 1));
    while (take(","));
    if (!take("]")) throw unexpected();
    return items;
  }

  function object(pointer: string, depth: number): Json {
    const entries = new Map<string, Json>();
    at += 1;
    if (take("}")) return {};
    do {
      blank();
      const from = at;
      if (text.charAt(at) !== '"') throw unexpected();
      const key = string();
      if (entries.has(key)) faults.push({ from, to: at, why: "twice", what: key });
      if (!take(":")) throw unexpected();
      entries.set(key, value(`${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1));
    } while (take(","));
    if (!take("}")) throw unexpected();
    // Entries, not assignment: a field may be called __proto__.
    return Object.fromEntries(entries);
  }

  try {
    const read = value("", 0);
    blank();
    if (at < text.length) throw stuck("unexpected");
    return { value: read, faults, places };
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return { value: undefined, faults: [...faults, error.fault], places };
  }
}
