/** The document as the graph library draws it. An item that didn't change is the same object as before. */
import { Position as Side, type Edge, type Node, type NodeHandle } from "@xyflow/react";
import type { NodeType } from "@/api/types";
import type { Catalogue } from "@/document/catalogue";
import { COMPENSATE } from "@/document/graph";
import { boxOfNote, groupsOf } from "@/document/groups";
import { boxesOf, withFolded, type Box, type Size } from "@/document/places";
import type { Selection } from "@/document/selection";
import { edgeKey, portOf, titleOf, type DocumentEdge, type DocumentNode, type FlowDocument, type Note } from "@/document/types";
import { ENTRY, PORT, portsOfCard, portTop, sizeOfCard, UNDO_ENTRY, type CardPorts } from "./anatomy";

/** `isShape`: seen from afar, where nothing of it can be read. */
export type CardNode = Node<{ node: DocumentNode; ports: CardPorts; isShape?: boolean }, "card">;
export type FrameNode = Node<{ node: DocumentNode; inside: number; isFolded: boolean; outgoing: string[] }, "frame">;
/** `holds`: how many nodes lie on it; where any do, it is the frame of a group. */
export type NoteNode = Node<{ note: Note; holds: number }, "note">;
export type DrawnNode = CardNode | FrameNode | NoteNode;
/** The ends of an arrow that go along with the hand. */
export interface HeldEnds {
  source: boolean;
  target: boolean;
}
/** `from` and `to`: what the nodes at its ends are called. */
export type DrawnEdge = Edge<{ edge: DocumentEdge; from: string; to: string; held?: HeldEnds; isFar?: boolean }, "arrow">;

export interface Scene {
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  boxes: ReadonlyMap<string, Box>;
  sizes: ReadonlyMap<string, Size>;
}

export interface SceneInput {
  document: FlowDocument;
  catalogue: Catalogue<NodeType>;
  selection: Selection;
  folded: ReadonlySet<string>;
  readOnly: boolean;
  /** What is only shown, and never taken hold of: nodes and edges that the draft lacks. */
  ghosts: ReadonlySet<string>;
}

export const EMPTY_SCENE: Scene = { nodes: [], edges: [], boxes: new Map(), sizes: new Map() };

/** What lies over what: notes, frames by how deep they are with the notes in them, arrows, cards. What is selected lies over its like, what the hand holds over everything. */
const LAYER = { note: 0, edge: 20, card: 30, held: 60 } as const;
const over = (layer: number, isSelected: boolean): number => layer + (isSelected ? 1 : 0);

/** The class of what the hand holds, and of its arrows: these are pictures of their own, or what lies under them would be painted at every step. Of so many at most. */
export const HELD = "held";
const MOST_OWN = 40;

/** What the hand holds, and what goes along with it. A note stays below: it is what things lie on. */
export function lifted(node: DrawnNode): DrawnNode {
  if (node.className === HELD) return node;
  return { ...node, className: HELD, ...(node.type === "note" ? {} : { zIndex: (node.zIndex ?? 0) + LAYER.held }) };
}

/** The arrows with those of what the hand holds over all that rests, under what it holds. */
export function liftedArrows(edges: readonly DrawnEdge[], led: ReadonlySet<string>): DrawnEdge[] {
  const isFew = edges.filter(({ source, target }) => led.has(source) || led.has(target)).length <= MOST_OWN;
  return edges.map((edge) => {
    const held = { source: led.has(edge.source), target: led.has(edge.target) };
    if (edge.data === undefined || !(held.source || held.target)) return edge;
    return { ...edge, data: { ...edge.data, held }, zIndex: (edge.zIndex ?? 0) + LAYER.held, ...(isFew ? { className: HELD } : {}) };
  });
}

/** The same scene with something else selected: all that stays as it was is the same object. */
export function reselected(scene: Scene, selection: Selection): Scene {
  const selected = new Set([...selection.nodes, ...selection.notes]);
  const arrows = new Set(selection.edges);
  const turned = <T extends DrawnNode | DrawnEdge>(item: T, isSelected: boolean): T => {
    if (item.selected === isSelected) return item;
    if (item.type === "note") return { ...item, selected: isSelected };
    const layer = (item.zIndex ?? 0) - (item.selected ? 1 : 0);
    return { ...item, selected: isSelected, zIndex: over(layer, isSelected) };
  };
  return {
    ...scene,
    nodes: scene.nodes.map((node) => turned(node, selected.has(node.id))),
    edges: scene.edges.map((edge) => turned(edge, arrows.has(edge.id))),
  };
}

/** The corners of all that is drawn; null where nothing is. */
export function boundsOf(nodes: readonly DrawnNode[]): { left: number; top: number; right: number; bottom: number } | null {
  if (nodes.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { position, width = 0, height = 0 } of nodes) {
    left = Math.min(left, position.x);
    top = Math.min(top, position.y);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  return { left, top, right, bottom };
}

const half = PORT.size / 2;
const handle = (id: string, type: "source" | "target", position: Side, x: number, y: number): NodeHandle => ({
  id,
  type,
  position,
  x: x - half,
  y: y - half,
  width: PORT.size,
  height: PORT.size,
});

function handlesOf(ports: CardPorts, { width, height }: Size): NodeHandle[] {
  const handles = ports.outgoing.map((port, index) => handle(port, "source", Side.Right, width, portTop(index)));
  if (ports.hasEntry) handles.push(handle(ENTRY, "target", Side.Left, 0, PORT.first));
  if (ports.isUndo) handles.push(handle(UNDO_ENTRY, "target", Side.Top, width / 2, 0));
  if (ports.canUndo) handles.push(handle(COMPENSATE, "source", Side.Bottom, width / 2, height));
  return handles;
}

/** What two scenes share: everything a drawn node rests on, compared piece by piece. */
function kept<T extends DrawnNode>(before: DrawnNode | undefined, after: T): T {
  if (before?.type !== after.type) return after;
  const isSame =
    before.position.x === after.position.x &&
    before.position.y === after.position.y &&
    before.selected === after.selected &&
    before.width === after.width &&
    before.height === after.height &&
    before.zIndex === after.zIndex &&
    before.draggable === after.draggable &&
    before.selectable === after.selectable &&
    JSON.stringify({ ...before.data, node: null, note: null }) === JSON.stringify({ ...after.data, node: null, note: null }) &&
    ("node" in before.data ? before.data.node : before.data.note) === ("node" in after.data ? after.data.node : after.data.note);
  return isSame ? (before as T) : after;
}

export function sceneOf(input: SceneInput, before: Scene = EMPTY_SCENE): Scene {
  const { document, catalogue, selection, folded } = input;
  const parents = new Set(document.nodes.flatMap((node) => node.parent ?? []));
  const undoing = document.edges.filter((edge) => portOf(edge) === COMPENSATE);
  const undos = new Set(undoing.map((edge) => edge.to));
  const used = portsUsed(document);
  const isContainer = (node: DocumentNode) => catalogue.get(node.type)?.role === "container" || parents.has(node.id);
  const ports = new Map(document.nodes.map((node) => [node.id, portsOfCard(node, catalogue.get(node.type), used.get(node.id) ?? NONE, undos.has(node.id))]));
  const sizes = new Map([...ports].map(([id, each]) => [id, sizeOfCard(each)]));
  const boxes = withFolded(boxesOf(document, isContainer, sizes), folded);
  const hidden = hiddenIn(document, folded);
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const selected = new Set([...selection.nodes, ...selection.notes]);

  const frames: FrameNode[] = [];
  const cards: CardNode[] = [];
  for (const node of document.nodes) {
    const box = boxes.get(node.id);
    const own = ports.get(node.id);
    if (box === undefined || own === undefined || hidden.has(node.id)) continue;
    const { x, y, width, height } = box;
    const base = {
      id: node.id,
      position: { x, y },
      width,
      height,
      measured: { width, height },
      selected: selected.has(node.id),
      draggable: !input.readOnly && !input.ghosts.has(node.id),
      selectable: !input.ghosts.has(node.id),
    };
    if (isContainer(node)) {
      const inside = document.nodes.filter((other) => other.parent === node.id).length;
      const isFolded = folded.has(node.id);
      const data = { node, inside, isFolded, outgoing: own.outgoing };
      // Folded it is a card among others.
      const zIndex = over(isFolded ? LAYER.card : 2 * depthOf(document, node), base.selected);
      frames.push(kept(old.get(node.id), { ...base, type: "frame", data, handles: handlesOf(own, box), zIndex }));
    } else {
      cards.push(kept(old.get(node.id), { ...base, type: "card", data: { node, ports: own }, handles: handlesOf(own, box), zIndex: over(LAYER.card, base.selected) }));
    }
  }
  const notes = notesOf(input, boxes, hidden).map((note) => kept(old.get(note.id), note));
  return { nodes: [...frames, ...notes, ...cards], edges: edgesOf(input, undos, hidden, before.edges), boxes, sizes };
}

/** The notes that are seen, larger ones first: what is smaller lies over them. */
function notesOf({ document, selection, folded, readOnly }: SceneInput, boxes: ReadonlyMap<string, Box>, hidden: ReadonlySet<string>): NoteNode[] {
  const groups = groupsOf(document, boxes);
  const selected = new Set(selection.notes);
  const isSeen = (note: Note): boolean => note.parent == null || !(hidden.has(note.parent) || folded.has(note.parent));
  const layerOf = (note: Note): number => {
    const home = note.parent == null ? undefined : document.nodes.find((node) => node.id === note.parent);
    return home === undefined ? LAYER.note : 2 * depthOf(document, home) + 1;
  };
  const drawn = (document.notes ?? []).filter(isSeen).map((note): NoteNode => {
    const { width, height } = boxOfNote(note);
    const data = { note, holds: groups.get(note.id)?.length ?? 0 };
    return { id: note.id, type: "note", position: note.position, width, height, measured: { width, height }, selected: selected.has(note.id), draggable: !readOnly, data, zIndex: layerOf(note), handles: [] };
  });
  const area = ({ width = 0, height = 0 }: NoteNode): number => width * height;
  return drawn.sort((one, other) => area(other) - area(one));
}

function edgesOf(input: SceneInput, undos: ReadonlySet<string>, hidden: ReadonlySet<string>, before: DrawnEdge[]): DrawnEdge[] {
  const old = new Map(before.map((edge) => [edge.id, edge]));
  const selected = new Set(input.selection.edges);
  const titles = new Map(input.document.nodes.map((node) => [node.id, titleOf(node)]));
  return input.document.edges
    .filter((edge) => !hidden.has(edge.from) && !hidden.has(edge.to))
    .map((edge) => {
      const id = edgeKey(edge);
      const was = old.get(id);
      const selectable = !input.ghosts.has(id);
      const reconnectable = input.readOnly || !selectable ? false : "target";
      const [from, to] = [titles.get(edge.from) ?? edge.from, titles.get(edge.to) ?? edge.to];
      if (was?.data?.edge === edge && was.data.from === from && was.data.to === to && was.selected === selected.has(id) && was.reconnectable === reconnectable && was.selectable === selectable) return was;
      return {
        id,
        type: "arrow",
        source: edge.from,
        target: edge.to,
        sourceHandle: portOf(edge),
        targetHandle: undos.has(edge.to) && portOf(edge) === COMPENSATE ? UNDO_ENTRY : ENTRY,
        selected: selected.has(id),
        selectable,
        reconnectable,
        data: { edge, from, to },
        zIndex: over(LAYER.edge, selected.has(id)),
      };
    });
}

const NONE: ReadonlySet<string> = new Set();

function portsUsed(document: FlowDocument): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const edge of document.edges) {
    const ports = used.get(edge.from);
    if (ports === undefined) used.set(edge.from, new Set([portOf(edge)]));
    else ports.add(portOf(edge));
  }
  return used;
}

function hiddenIn(document: FlowDocument, folded: ReadonlySet<string>): Set<string> {
  const parents = new Map(document.nodes.map((node) => [node.id, node.parent ?? null]));
  const isHidden = (id: string): boolean => {
    for (let parent = parents.get(id) ?? null, depth = 0; parent !== null && depth < 64; parent = parents.get(parent) ?? null, depth += 1) {
      if (folded.has(parent)) return true;
    }
    return false;
  };
  return new Set(document.nodes.map((node) => node.id).filter(isHidden));
}

function depthOf(document: FlowDocument, node: DocumentNode): number {
  const parents = new Map(document.nodes.map((other) => [other.id, other.parent ?? null]));
  let depth = 1;
  for (let parent = node.parent ?? null; parent !== null && depth < 9; parent = parents.get(parent) ?? null) depth += 1;
  return depth;
}
