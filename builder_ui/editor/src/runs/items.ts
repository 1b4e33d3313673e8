/** The items of a repeated step: in which order they are shown, and what is told of each. Pure. */
import type { Items } from "@/api/past";
import type { StepStatus } from "@/api/types";
import type { StepState } from "@/store/fold";

/** The letters of the API, in the order in which items are shown: what failed first. */
const ORDER = "furwspx";
const STATUS: Record<string, StepStatus> = { f: "failed", u: "uncertain", r: "running", w: "waiting", s: "succeeded", p: "pending", x: "cancelled" };
const LETTER: Partial<Record<StepStatus, string>> = { failed: "f", uncertain: "u", running: "r", waiting: "w", retrying: "w", succeeded: "s", skipped: "x", cancelled: "x", compensated: "s" };

export const statusOfLetter = (letter: string): StepStatus => STATUS[letter] ?? "pending";

/** How many items stand how, in the order in which they are shown; letters that no item has are left out. */
export function countsOf(states: string): [StepStatus, number][] {
  const counts = new Map<string, number>();
  for (const letter of states) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...ORDER].flatMap((letter): [StepStatus, number][] => (counts.has(letter) ? [[statusOfLetter(letter), counts.get(letter) ?? 0]] : []));
}

/** The indexes of the items as they are shown: failed first, each kind in its own order. */
export function shownOrder(states: string, onlyFailed: boolean): number[] {
  const buckets = new Map<string, number[]>([...ORDER].map((letter) => [letter, []]));
  for (let index = 0; index < states.length; index += 1) buckets.get(states.charAt(index))?.push(index);
  return onlyFailed ? [...(buckets.get("f") ?? []), ...(buckets.get("u") ?? [])] : [...buckets.values()].flat();
}

/** The repeated step that a step belongs to, and which of its items it is; null where it belongs to none. */
export function holderOf(key: string, isRepeated: boolean): { holder: string; item: number | null } | null {
  if (isRepeated) return { holder: key, item: null };
  const found = /^(.*)\[(\d+)\](?:\/[^/[\]]+)?$/.exec(key);
  return found === null ? null : { holder: found[1] ?? "", item: Number(found[2]) };
}

/** The states with what was told since: an item with several steps has ended only when the server says so. */
export function freshened(items: Items, holder: string, steps: Iterable<StepState>): string {
  let letters: string[] | null = null;
  for (const step of steps) {
    if (step.seq <= items.seq || !step.key.startsWith(`${holder}[`)) continue;
    const found = holderOf(step.key, false);
    if (found === null || found.holder !== holder || found.item === null || found.item >= items.total) continue;
    const letter = LETTER[step.status];
    if (letter === undefined || (items.inside.length > 0 && letter !== "r" && letter !== "w")) continue;
    letters ??= [...items.states];
    letters[found.item] = letter;
  }
  return letters === null ? items.states : letters.join("");
}
