/**
 * A whole history brought up to what someone else saved: their change becomes part of every step, so that no undo
 * takes it back. A node of mine whose id they took meanwhile gets another one, in every step alike.
 */
import { present, rebased, type History } from "./history";
import { freeId, idsOf } from "./ids";
import { merged, type Bases, type Conflict } from "./merge";
import { renameAll, type Verbatim } from "./operations/rename_node";
import { same } from "./same";
import type { FlowDocument } from "./types";

export interface Joined {
  history: History;
  conflicts: Conflict[];
  /** The ids that mine gave up, with what they are called now. */
  names: ReadonlyMap<string, string>;
  /** Their document, made of the very objects of the base wherever it says the same. */
  theirs: FlowDocument;
}

export function joined(bases: Bases, history: History, told: FlowDocument, verbatim: Verbatim): Joined {
  const theirs = sharing(bases, told);
  const names = givenUp(bases, history.steps.map((step) => step.document), theirs);
  const called = names.size === 0 ? history : rebased(history, (document) => renamedAll(document, names, verbatim));
  const { conflicts } = merged(bases, present(called), theirs);
  return { history: rebased(called, (document) => merged(bases, document, theirs).document), conflicts, names, theirs };
}

/** Ids that are new on both sides and mean different things. */
function givenUp(bases: Bases, mine: readonly FlowDocument[], theirs: FlowDocument): Map<string, string> {
  const known = new Set(bases.flatMap((base) => [...idsOf(base)]));
  const fresh = new Map([...theirs.nodes, ...(theirs.notes ?? [])].filter((item) => !known.has(item.id)).map((item) => [item.id, item]));
  const names = new Map<string, string>();
  if (fresh.size === 0) return names;
  const taken = new Set([theirs, ...bases, ...mine].flatMap((document) => [...idsOf(document)]));
  for (const item of mine.flatMap((document) => [...document.nodes, ...(document.notes ?? [])])) {
    const other = fresh.get(item.id);
    if (other === undefined || names.has(item.id) || same(item, other)) continue;
    const free = freeId(item.id, taken);
    taken.add(free);
    names.set(item.id, free);
  }
  return names;
}

function renamedAll(document: FlowDocument, names: ReadonlyMap<string, string>, verbatim: Verbatim): FlowDocument {
  if (![...idsOf(document)].some((id) => names.has(id))) return document;
  const next = renameAll(document, names, verbatim);
  if (next.notes === undefined) return next;
  return { ...next, notes: next.notes.map((note) => ({ ...note, id: names.get(note.id) ?? note.id })) };
}

/** The document itself where one of these says the same; else with their nodes where those do: comparing is quick then. */
function sharing(bases: Bases, told: FlowDocument): FlowDocument {
  const known = bases.find((base) => same(base, told));
  if (known !== undefined) return known;
  const nodes = new Map(bases[0]?.nodes.map((node) => [node.id, node]));
  const shared = told.nodes.map((node) => {
    const before = nodes.get(node.id);
    return before !== undefined && same(before, node) ? before : node;
  });
  return { ...told, nodes: shared };
}
