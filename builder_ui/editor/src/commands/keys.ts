/** Which keys a command has: its own, or those the person gave it. What else has them, and which nothing may have. */
import { useKeys, type OwnKeys } from "@/store/keys";
import type { Command } from "./command";

const keysIn = (own: OwnKeys, command: Pick<Command, "id" | "keys">): readonly string[] => (isFixed(command) ? command.keys : (own[command.id] ?? command.keys));

/** The keys of a command as they stand. */
export const keysOf = (command: Pick<Command, "id" | "keys">): readonly string[] => keysIn(useKeys.getState().own, command);

/** The same, in a component that follows a change of keys. */
export function useKeysOf(): (command: Pick<Command, "id" | "keys">) => readonly string[] {
  const own = useKeys((state) => state.own);
  return (command) => keysIn(own, command);
}

/** Commands whose keys the browser answers with an event of its own: they can't have others. */
export const NATIVE: ReadonlySet<string> = new Set(["copy", "cut", "paste"]);

export const isFixed = (command: Pick<Command, "id">): boolean => NATIVE.has(command.id);

/** The other commands that have these keys now. */
export const takenBy = (chord: string, command: Command, commands: readonly Command[]): Command[] =>
  commands.filter((other) => other.id !== command.id && keysOf(other).includes(chord));

/** Why no command may have these keys: a key of the languages under `keys.refused`. */
export type Unfit = "tab" | "browser" | "fixed";

/** Browsers never let a page have these. */
const KEPT_BY_BROWSERS = new Set(["Mod+N", "Mod+T", "Mod+W", "Mod+Shift+N", "Mod+Shift+T", "Mod+Shift+W"]);

export function unfit(chord: string, commands: readonly Command[]): Unfit | null {
  if (/(^|\+)Tab$/.test(chord)) return "tab";
  if (KEPT_BY_BROWSERS.has(chord)) return "browser";
  return commands.some((command) => isFixed(command) && command.keys.includes(chord)) ? "fixed" : null;
}

const same = (left: readonly string[], right: readonly string[]): boolean => left.length === right.length && left.every((each, at) => each === right[at]);

/** Whether two commands came with the same keys: Escape leaves whatever there is to leave. */
const shares = (command: Command, other: Command): boolean => other.keys.some((chord) => command.keys.includes(chord));

/** Give a command these keys, and take them from the others that had them. What is as it came is not kept. */
export function withKeys(own: OwnKeys, command: Command, chords: readonly string[], commands: readonly Command[]): OwnKeys {
  const isAsItCame = same(chords, command.keys);
  const next: Record<string, readonly string[]> = { ...own, [command.id]: chords };
  for (const other of commands) {
    if (other.id === command.id || isFixed(other) || (isAsItCame && shares(command, other))) continue;
    const had = keysIn(own, other);
    if (had.some((chord) => chords.includes(chord))) next[other.id] = had.filter((chord) => !chords.includes(chord));
  }
  const came = new Map(commands.map((each) => [each.id, each.keys]));
  return Object.fromEntries(Object.entries(next).filter(([id, keys]) => !same(keys, came.get(id) ?? [])));
}
