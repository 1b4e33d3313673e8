/**
 * Sentences in English, recognised by the patterns they were made after and said in another language. It decides which
 * pattern a sentence is taken for (the one with most words of its own) and that what stands in its holes is looked at
 * again; it refuses to know whose sentences they are.
 */
export type Patterns = Readonly<Record<string, string>>;
export type Tell = (sentence: string) => string;

interface Known {
  holes: string[];
  pattern: RegExp;
  words: string;
}

const HOLE = /\{\{(\w+)\}\}/g;
const DEEPEST = 3;
const MOST = 500;

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function known(english: string, words: string): Known {
  const holes = [...english.matchAll(HOLE)].map((hole) => hole[1] ?? "");
  const pieces = english.split(/\{\{\w+\}\}/).map(literal);
  return { holes, pattern: new RegExp(`^${pieces.join("(.+?)")}$`, "s"), words };
}

const ownWords = (english: string): number => english.replace(HOLE, "").length;

/** Says a sentence made after one of `english` in the words beside it; any other comes back as it is. */
export function recogniser(english: Patterns, other: Patterns): Tell {
  const all = Object.entries(english)
    .sort(([, one], [, two]) => ownWords(two) - ownWords(one))
    .map(([key, sentence]) => known(sentence, other[key] ?? sentence));
  const said = new Map<string, string>();

  function tell(sentence: string, depth: number): string {
    for (const { holes, pattern, words } of all) {
      const found = pattern.exec(sentence);
      if (found === null) continue;
      const values = new Map(holes.map((hole, place) => [hole, found[place + 1] ?? ""]));
      return words.replace(HOLE, (_, hole: string) => inner(values.get(hole) ?? "", depth));
    }
    return sentence;
  }

  const place = (sentence: string): number => all.findIndex(({ pattern }) => pattern.test(sentence));

  /** A sentence loses its full stop where it becomes part of another: it is looked at with one too. */
  function inner(value: string, depth: number): string {
    if (depth === 0) return value;
    const bare = place(value);
    const whole = value.endsWith(".") ? -1 : place(`${value}.`);
    return whole >= 0 && (bare < 0 || whole < bare) ? tell(`${value}.`, depth - 1).replace(/\.$/, "") : tell(value, depth - 1);
  }

  return (sentence) => {
    const before = said.get(sentence);
    if (before !== undefined) return before;
    const words = tell(sentence, DEEPEST);
    if (said.size >= MOST) said.clear();
    said.set(sentence, words);
    return words;
  };
}
