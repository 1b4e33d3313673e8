/** A change between two documents, in words. The server says what changed; the words are ours, in the language spoken. */
import type { Change } from "@/api/types";
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
  const key = KNOWN[`${change.part}/${change.what}`];
  const values = { name: edgeText(change), field: fieldOf(change.path) };
  return key === undefined ? `${change.part} ${change.id} ${change.what}` : text(key, values);
}

/** An edge's name `from.port>to` with a real arrow. */
const edgeText = (change: Change): string => (change.part === "edge" ? change.id.replace(/\.out>/, " → ").replace(">", " → ") : change.id);

/** Which changes do something: a move alone changes nothing that runs. */
export const isWeighty = (change: Change): boolean => change.what !== "moved" && change.part !== "note" && change.part !== "pin";

export interface Summary {
  added: number;
  removed: number;
  changed: number;
  moved: number;
}

export function summaryOf(changes: readonly Change[]): Summary {
  const count = (what: Change["what"]): number => new Set(changes.filter((each) => each.what === what).map((each) => `${each.part}/${each.id}`)).size;
  return { added: count("added"), removed: count("removed"), changed: count("changed"), moved: count("moved") };
}
