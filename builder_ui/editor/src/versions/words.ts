/** A change between two documents, in words. The server says what changed; the words are ours, in the language spoken. */
import type { Change } from "@/api/changes";
import type { TextKey, Translate } from "@/i18n";

/** `config.url` of `/config/url`. */
export const fieldOf = (path: string | null | undefined): string =>
  (path ?? "")
    .split("/")
    .filter(Boolean)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");

const KNOWN: Readonly<Record<string, TextKey>> = {
  "node/added": "versions.change.nodeAdded",
  "node/removed": "versions.change.nodeRemoved",
  "node/changed": "versions.change.nodeChanged",
  "node/moved": "versions.change.nodeMoved",
  "edge/added": "versions.change.edgeAdded",
  "edge/removed": "versions.change.edgeRemoved",
  "note/added": "versions.change.noteAdded",
  "note/removed": "versions.change.noteRemoved",
  "note/changed": "versions.change.noteChanged",
  "note/moved": "versions.change.noteMoved",
  "test/added": "versions.change.testAdded",
  "test/removed": "versions.change.testRemoved",
  "test/changed": "versions.change.testChanged",
  "pin/added": "versions.change.pinAdded",
  "pin/removed": "versions.change.pinRemoved",
  "pin/changed": "versions.change.pinChanged",
  "settings/changed": "versions.change.settings",
  "inputs/changed": "versions.change.inputs",
  "flow/changed": "versions.change.flow",
  "flow/moved": "steering.diff.order",
};

export function changeText(change: Change, text: Translate): string {
  if (isRewired(change)) return text("diffs.rewired", { name: edgeText(change.id), twin: edgeText(change.twin ?? "") });
  const key = KNOWN[`${change.part}/${change.what}`];
  const values = { name: change.part === "edge" ? edgeText(change.id) : change.id, field: fieldOf(change.path) };
  return key === undefined ? `${change.part} ${change.id} ${change.what}` : text(key, values);
}

/** An edge's name `from.port>to` with a real arrow. */
const edgeText = (name: string): string => name.replace(/\.out>/, " → ").replace(">", " → ");

/** An edge that went, and another came in its place; the other half says nothing of its own. */
export const isRewired = (change: Change): boolean => (change.twin ?? "") !== "";

/** Whether it changes nothing that runs: places, orders and notes. */
export const isLayout = (change: Change): boolean => change.layout ?? (change.what === "moved" || change.part === "note");

/** What people read: first what changes what runs, each re-wired edge once, and apart from it what is only drawn elsewhere. */
export function apart(changes: readonly Change[]): { running: Change[]; layout: Change[] } {
  const told = changes.filter((change) => !(isRewired(change) && change.what === "added"));
  return { running: told.filter((change) => !isLayout(change)), layout: told.filter(isLayout) };
}

export interface Summary {
  added: number;
  removed: number;
  changed: number;
  moved: number;
  rewired: number;
}

export function summaryOf(changes: readonly Change[]): Summary {
  const whole = changes.filter((each) => !isRewired(each));
  const count = (what: Change["what"]): number => new Set(whole.filter((each) => each.what === what).map((each) => `${each.part}/${each.id}`)).size;
  const rewired = changes.filter((each) => isRewired(each) && each.what === "removed").length;
  return { added: count("added"), removed: count("removed"), changed: count("changed"), moved: count("moved"), rewired };
}
