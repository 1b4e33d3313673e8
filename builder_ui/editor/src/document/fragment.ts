/** Parts of a document that travel: copied, pasted, duplicated, dropped from the palette. */
import { withDescendants } from "./graph";
import { freeId, idsOf } from "./ids";
import { renameAll, type Verbatim } from "./operations/rename_node";
import type { Fragment } from "./operation";
import type { DocumentEdge, DocumentNode, FlowDocument, Note, Position } from "./types";

/** What stands in the clipboard: document JSON that says what it is. */
export interface Clip extends Fragment {
  mulgil: 1;
}

/** The nodes with what they hold, the edges among them, their pins, and the notes. */
export function fragmentOf(document: FlowDocument, nodes: Iterable<string>, notes: Iterable<string> = []): Fragment {
  const inside = withDescendants(document, nodes);
  const chosen = new Set(notes);
  return {
    nodes: document.nodes.filter((node) => inside.has(node.id)),
    edges: document.edges.filter((edge) => inside.has(edge.from) && inside.has(edge.to)),
    notes: (document.notes ?? []).filter((note) => chosen.has(note.id) || (note.parent != null && inside.has(note.parent))),
    pins: Object.fromEntries(Object.entries(document.pins ?? {}).filter(([id]) => inside.has(id))),
  };
}

export const clipText = (fragment: Fragment): string => JSON.stringify({ mulgil: 1, ...fragment }, null, 2);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** The fragment in a text, or null where it holds none. Whole documents are fragments too. */
export function clipOf(text: string): Fragment | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || (value.mulgil !== 1 && value.dsl !== 1)) return null;
  const isNode = (item: Record<string, unknown>) => typeof item.id === "string" && typeof item.type === "string";
  const isEdge = (item: Record<string, unknown>) => typeof item.from === "string" && typeof item.to === "string";
  const isNote = (item: Record<string, unknown>) => typeof item.id === "string" && isRecord(item.position);
  return {
    nodes: listOf(value.nodes).filter(isNode) as unknown as DocumentNode[],
    edges: listOf(value.edges).filter(isEdge) as unknown as DocumentEdge[],
    notes: listOf(value.notes).filter(isNote) as unknown as Note[],
    pins: isRecord(value.pins) ? (value.pins as Fragment["pins"]) : {},
  };
}

/**
 * The fragment made to fit into a document: ids that are taken are exchanged, and what refers to them
 * inside the fragment follows; references to nodes that stand outside stay as they are. A parent that
 * isn't copied along becomes `parent`.
 */
export function fitted(fragment: Fragment, document: FlowDocument, verbatim: Verbatim, parent: string | null = null): Fragment {
  const taken = idsOf(document);
  const names = new Map<string, string>();
  const own = new Set(fragment.nodes.map((node) => node.id));
  for (const item of [...fragment.nodes, ...fragment.notes]) {
    const id = freeId(item.id, taken);
    taken.add(id);
    if (id !== item.id) names.set(item.id, id);
  }
  const inner = renameAll({ dsl: 1, ...fragment }, names, verbatim);
  const known = new Set([...own].map((id) => names.get(id) ?? id));
  const housed = <T extends { parent?: string | null }>(item: T): T => {
    if (item.parent != null && known.has(item.parent)) return item;
    if (item.parent == null && parent === null) return item;
    return { ...item, parent };
  };
  return {
    nodes: inner.nodes.map(housed),
    edges: inner.edges,
    notes: (inner.notes ?? []).map((note) => housed({ ...note, id: names.get(note.id) ?? note.id })),
    pins: inner.pins ?? {},
  };
}

/** The place of the upper left corner of all that is in it. */
export function cornerOf(fragment: Fragment): Position {
  const places = [...fragment.nodes, ...fragment.notes].map((item) => item.position ?? { x: 0, y: 0 });
  return { x: Math.min(...places.map((p) => p.x)), y: Math.min(...places.map((p) => p.y)) };
}

export function shifted(fragment: Fragment, by: Position): Fragment {
  const move = <T extends { position?: Position | null }>(item: T): T => {
    const { x, y } = item.position ?? { x: 0, y: 0 };
    return { ...item, position: { x: x + by.x, y: y + by.y } };
  };
  return { ...fragment, nodes: fragment.nodes.map(move), notes: fragment.notes.map(move) };
}
