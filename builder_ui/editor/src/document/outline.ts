/**
 * The document as a tree that can be read from top to bottom: nodes in the order in which they run, in each what it
 * holds, then its arrows, and the ports that lead nowhere yet; notes follow the nodes they stand among. It decides the
 * order; what a row looks like is not its own.
 */
import { COMPENSATE } from "./graph";
import { edgeKey, portOf, type DocumentEdge, type DocumentNode, type FlowDocument } from "./types";

interface Row {
  key: string;
  /** The node that it is or belongs to; of a note its own id. */
  node: string;
  level: number;
  /** The row it stands under. */
  parent: string | null;
  /** Its place among the rows under the same one, from 1, and how many they are. */
  at: number;
  of: number;
  /** Whether rows stand under it, and whether they are shown; null where there are none. */
  isOpen: boolean | null;
}

export type OutlineRow =
  | (Row & { kind: "node" })
  /** An arrow; its port is named where the node has more than one. */
  | (Row & { kind: "edge"; edge: DocumentEdge; port: string | null })
  /** A note, or a group's frame. */
  | (Row & { kind: "note" })
  /** A port of several that no arrow leaves from. */
  | (Row & { kind: "port"; port: string });

/** The ports of a node that arrows may leave from, in order. */
export type PortsOfNode = (node: DocumentNode) => readonly string[];

export const noteKey = (id: string): string => `note ${id}`;
export const nodeKey = (id: string): string => `node ${id}`;

type Order = Map<string | null, DocumentNode[]>;

export function outlined(document: FlowDocument, portsOf: PortsOfNode, closed: ReadonlySet<string> = new Set()): OutlineRow[] {
  const leaving = new Map<string, DocumentEdge[]>();
  for (const edge of document.edges) leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge]);
  const ports = new Map(document.nodes.map((node) => [node.id, portsOf(node)]));
  for (const [id, edges] of leaving) leaving.set(id, byPort(edges, ports.get(id) ?? []));
  const held = inOrder(document, leaving);
  const notes = notesIn(document);
  const rows: OutlineRow[] = [];

  const addNotes = (home: string | null, level: number, parent: string | null, before: number, of: number): void =>
    (notes.get(home) ?? []).forEach((id, index) => rows.push({ kind: "note", key: noteKey(id), node: id, level, parent, at: before + index + 1, of, isOpen: null }));
  const add = (node: DocumentNode, level: number, parent: string | null, at: number, of: number): void => {
    const key = nodeKey(node.id);
    const inside = held.get(node.id) ?? [];
    const own = arrowsOf(node, leaving.get(node.id) ?? [], ports.get(node.id) ?? []);
    const before = inside.length + (notes.get(node.id)?.length ?? 0);
    const count = before + own.length;
    const isOpen = count === 0 ? null : !closed.has(key);
    rows.push({ kind: "node", key, node: node.id, level, parent, at, of, isOpen });
    if (!isOpen) return;
    inside.forEach((child, index) => add(child, level + 1, key, index + 1, count));
    addNotes(node.id, level + 1, key, inside.length, count);
    own.forEach((row, index) => rows.push({ ...row, node: node.id, level: level + 1, parent: key, at: before + index + 1, of: count, isOpen: null }));
  };
  const first = held.get(null) ?? [];
  const count = first.length + (notes.get(null)?.length ?? 0);
  first.forEach((node, index) => add(node, 1, null, index + 1, count));
  addNotes(null, 1, null, first.length, count);
  return rows;
}

/** The notes of each container, and of the canvas itself, in the order of the document. */
function notesIn(document: FlowDocument): Map<string | null, string[]> {
  const ids = new Set(document.nodes.map((node) => node.id));
  const found = new Map<string | null, string[]>();
  for (const { id, parent } of document.notes ?? []) {
    const home = parent != null && ids.has(parent) ? parent : null;
    found.set(home, [...(found.get(home) ?? []), id]);
  }
  return found;
}

type Own = { kind: "edge"; key: string; edge: DocumentEdge; port: string | null } | { kind: "port"; key: string; port: string };

function arrowsOf(node: DocumentNode, edges: readonly DocumentEdge[], ports: readonly string[]): Own[] {
  const isNamed = ports.length > 1;
  const used = new Set(edges.map(portOf));
  const arrows = edges.map((edge): Own => {
    const port = portOf(edge);
    return { kind: "edge", key: `edge ${edgeKey(edge)}`, edge, port: isNamed || !ports.includes(port) ? port : null };
  });
  const free = ports.filter((port) => isNamed && !used.has(port)).map((port): Own => ({ kind: "port", key: `port ${node.id}:${port}`, port }));
  return [...arrows, ...free];
}

/** Arrows in the order of the ports they leave from; the one that names an undo comes last. */
function byPort(edges: readonly DocumentEdge[], ports: readonly string[]): DocumentEdge[] {
  const rank = (edge: DocumentEdge): number => {
    const port = portOf(edge);
    const at = ports.indexOf(port);
    return at !== -1 ? at : port === COMPENSATE ? Number.MAX_SAFE_INTEGER : ports.length;
  };
  return [...edges].sort((left, right) => rank(left) - rank(right));
}

/**
 * The nodes of each container in the order in which they run: what leads to a node stands before it, and a branch is
 * told to its end before the next begins. Nodes that nothing leads to begin, in the order of the document.
 */
function inOrder(document: FlowDocument, leaving: ReadonlyMap<string, readonly DocumentEdge[]>): Order {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const entered = new Set(document.edges.map((edge) => edge.to));
  const seen = new Set<string>();
  /** The nodes reached from these, each before what it leads to. */
  const visited = (from: readonly DocumentNode[]): DocumentNode[] => {
    const finished: DocumentNode[] = [];
    // What is visited last stands first: so the first port's branch comes right after its node.
    const stack = from.map(({ id }) => ({ id, isLeft: false }));
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const node = byId.get(top.id);
      if (node === undefined) continue;
      if (top.isLeft) finished.push(node);
      else if (!seen.has(top.id)) {
        seen.add(top.id);
        stack.push({ id: top.id, isLeft: true }, ...(leaving.get(top.id) ?? []).map((edge) => ({ id: edge.to, isLeft: false })));
      }
    }
    return finished.reverse();
  };
  const begun = visited(document.nodes.filter((node) => !entered.has(node.id)));
  // A circle has no beginning; none can be drawn, but text may hold one.
  const ordered = [...begun, ...visited(document.nodes)];
  const order: Order = new Map();
  for (const node of ordered) {
    const home = node.parent != null && byId.has(node.parent) ? node.parent : null;
    order.set(home, [...(order.get(home) ?? []), node]);
  }
  return order;
}
