/** Finding by typing: which entries fit what was typed, the best first. Pure. */
import type { ReactNode } from "react";

export interface Entry {
  id: string;
  group: string;
  name: string;
  detail?: string;
  keys?: string;
  icon?: ReactNode;
  /** Other words it is found by. */
  also?: string;
  /** How far it stands behind others that fit as well. */
  behind?: number;
  perform: () => void;
}

/** How well a name fits: begins with it, a word of it does, holds it, or holds its letters in order; null when not. */
export function fit(name: string, typed: string): number | null {
  const [where, what] = [name.toLowerCase(), typed.toLowerCase()];
  if (where.startsWith(what)) return 0;
  if (where.split(/[\s/._:·-]+/).some((word) => word.startsWith(what))) return 1;
  if (where.includes(what)) return 2;
  let at = 0;
  for (const letter of where) if (letter === what[at]) at += 1;
  return at === what.length ? 3 : null;
}

export function ranked(entries: readonly Entry[], typed: string): Entry[] {
  const words = typed.trim();
  if (words === "") return [...entries];
  const scored = entries.flatMap((entry) => {
    const own = fit(entry.name, words);
    const other = entry.also !== undefined ? fit(entry.also, words) : null;
    const score = own ?? (other === null ? null : other + 1);
    return score === null ? [] : [{ entry, score: score + (entry.behind ?? 0) }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ entry }) => entry);
}
