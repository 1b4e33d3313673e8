/**
 * Tidy: places for nodes by the layered algorithm of the Eclipse Layout Kernel.
 *
 * It decides what the kernel is asked and how its answer is brought back to where the nodes stood; the
 * kernel itself is handed in, so that it is loaded only when someone tidies.
 */
import { COMPENSATE } from "./graph";
import { boxOfNote, GROUP, groupsOf, lyingOn, MOST_SIDE } from "./groups";
import { FRAME, GRID, snapped, type Box, type Size } from "./places";
import { portOf, type DocumentEdge, type DocumentNode, type FlowDocument, type Position } from "./types";

export interface ElkNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  children?: ElkNode[];
  ports?: { id: string; x?: number; y?: number; width?: number; height?: number; layoutOptions?: Record<string, string> }[];
  edges?: { id: string; sources: string[]; targets: string[] }[];
  layoutOptions?: Record<string, string>;
}

/** The ports of a node that arrows leave from, in order. */
export type PortNames = (node: DocumentNode) => readonly string[];

export type Layered = (graph: ElkNode) => Promise<ElkNode>;

const OPTIONS: Record<string, string> = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "48",
  "elk.layered.spacing.nodeNodeBetweenLayers": "80",
  "elk.layered.spacing.edgeNodeBetweenLayers": "24",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "64",
};

/** Where the ports of a card are, from its upper left corner. */
const ENTRY_Y = 28;
const PORT_STEP = 26;

const room = ({ top, side, bottom }: { top: number; side: number; bottom: number }): string => `[top=${top},left=${side},bottom=${bottom},right=${side}]`;

export interface Tidied {
  positions: Record<string, Position>;
  /** Of the groups among the notes: they fit what lies on them. */
  sizes: Record<string, Size>;
}

/** The new places of the nodes in `only` (of all where it is empty), and of the notes that stand by them or hold them. */
export async function tidied(
  document: FlowDocument,
  boxes: ReadonlyMap<string, Box>,
  layered: Layered,
  portNames: PortNames,
  only: ReadonlySet<string> = new Set(),
): Promise<Tidied> {
  const chosen = document.nodes.filter((node) => only.size === 0 || only.has(node.id));
  if (chosen.length === 0) return { positions: {}, sizes: {} };
  const undo = undoPlaces(document, chosen);
  const groups = groupsAmong(document, chosen, boxes);
  const graph = graphOf(chosen, document.edges, boxes, undo, portNames, groups);
  const places = new Map<string, Box>();
  collect(await layered(graph), { x: 0, y: 0 }, places);
  placeUndos(undo, places, boxes);
  return { positions: anchored(document, chosen, boxes, places), sizes: sizesOf(places, groups) };
}

/** A group that is tidied: all that lies on it is. */
interface Group {
  id: string;
  parent: string | null;
  nodes: ReadonlySet<string>;
  /** The smaller groups that lie on it. */
  notes: ReadonlySet<string>;
}

/** Smaller ones first. A group of which only a part is tidied stays where it is. */
function groupsAmong(document: FlowDocument, chosen: readonly DocumentNode[], boxes: ReadonlyMap<string, Box>): Group[] {
  const ids = new Set(chosen.map((node) => node.id));
  const parents = new Map((document.notes ?? []).map((note) => [note.id, note.parent ?? null]));
  return [...groupsOf(document, boxes)]
    .filter(([, nodes]) => nodes.every((id) => ids.has(id)))
    .map(([id, nodes]) => ({ id, parent: parents.get(id) ?? null, nodes: new Set(nodes), notes: new Set(lyingOn(document, [id], boxes).notes) }));
}

function sizesOf(places: ReadonlyMap<string, Box>, groups: readonly Group[]): Record<string, Size> {
  const whole = (length: number): number => Math.min(MOST_SIDE, Math.ceil(length / GRID) * GRID);
  return Object.fromEntries(groups.flatMap(({ id }) => {
    const box = places.get(id);
    return box === undefined ? [] : [[id, { width: whole(box.width), height: whole(box.height) }]];
  }));
}

/** Undo nodes hang below what they undo; the kernel would put them in the next layer. */
function undoPlaces(document: FlowDocument, chosen: readonly DocumentNode[]): Map<string, string> {
  const ids = new Set(chosen.map((node) => node.id));
  const undo = new Map<string, string>();
  for (const edge of document.edges) {
    const leadsOn = document.edges.some((other) => other.from === edge.to);
    if (portOf(edge) === COMPENSATE && ids.has(edge.from) && ids.has(edge.to) && !leadsOn) undo.set(edge.to, edge.from);
  }
  return undo;
}

function placeUndos(undo: ReadonlyMap<string, string>, places: Map<string, Box>, boxes: ReadonlyMap<string, Box>): void {
  for (const [id, of] of undo) {
    const place = places.get(of);
    if (place) places.set(id, { ...place, y: place.y + (boxes.get(of)?.height ?? 88) + 48 });
  }
}

function graphOf(
  nodes: readonly DocumentNode[],
  edges: readonly DocumentEdge[],
  boxes: ReadonlyMap<string, Box>,
  undo: ReadonlyMap<string, string>,
  portNames: PortNames,
  groups: readonly Group[],
): ElkNode {
  const undone = new Map([...undo].map(([id, of]) => [of, id]));
  const made = new Map<string, ElkNode>();
  for (const node of nodes) {
    if (undo.has(node.id)) continue;
    const { width = 220, height = 88 } = boxes.get(node.id) ?? {};
    const below = undone.get(node.id);
    const under = below === undefined ? 0 : 48 + (boxes.get(below)?.height ?? 88);
    made.set(node.id, { id: node.id, width, height: height + under, ...portsAt(node, width, portNames(node)) });
  }
  // An arrow into a group leads to the group as a whole, wherever its sides let it in.
  for (const { id } of groups) made.set(id, { id, layoutOptions: { ...OPTIONS, "elk.padding": room(GROUP) } });
  const root: ElkNode = { id: "", children: [], edges: [], layoutOptions: OPTIONS };
  const homeOf = homesIn(nodes, groups, made);
  const entered = new Set<string>([root.id]);
  const enter = (id: string): void => {
    const item = made.get(id);
    if (item === undefined || entered.has(id)) return;
    entered.add(id);
    const home = made.get(homeOf(id)) ?? root;
    // A group stands where the first of what lies on it does.
    if (groups.some((group) => group.id === home.id)) enter(home.id);
    // A frame is as wide as what it holds: the sides of its ports are known, their places aren't.
    else if (home !== root) home.layoutOptions = { ...OPTIONS, "elk.padding": room(FRAME), "elk.portConstraints": "FIXED_SIDE" };
    home.children = [...(home.children ?? []), item];
  };
  for (const node of nodes) enter(node.id);
  const parents = new Map(nodes.map((node) => [node.id, node.parent ?? null]));
  edges.forEach((edge, index) => {
    if (!made.has(edge.from) || !made.has(edge.to) || parents.get(edge.from) !== parents.get(edge.to)) return;
    const { home, from, to } = meeting(edge, homeOf);
    const holder = made.get(home) ?? root;
    const sources = [from === edge.from ? sourceOf(made.get(from), edge) : from];
    holder.edges = [...(holder.edges ?? []), { id: `e${index}`, sources, targets: [to === edge.to ? `${to}<in` : to] }];
  });
  return root;
}

type HomeOf = (id: string) => string;

/** What each stands in: the innermost group that it lies on, else its container; "" is the canvas. */
function homesIn(nodes: readonly DocumentNode[], groups: readonly Group[], made: ReadonlyMap<string, ElkNode>): HomeOf {
  const walls = new Map([...nodes, ...groups].map((item) => [item.id, item.parent ?? ""]));
  const homes = new Map([...walls].map(([id, wall]) => [id, made.has(wall) ? wall : ""]));
  for (const group of [...groups].reverse()) for (const id of [...group.nodes, ...group.notes]) if (homes.has(id)) homes.set(id, group.id);
  return (id) => homes.get(id) ?? "";
}

/** Where the two ends of an arrow meet: what both stand in, and which of its parts each end is or stands in. */
function meeting(edge: DocumentEdge, homeOf: HomeOf): { home: string; from: string; to: string } {
  const wayOut = (id: string): string[] => (id === "" ? [""] : [id, ...wayOut(homeOf(id))]);
  const [left, right] = [wayOut(edge.from), wayOut(edge.to)];
  const home = left.slice(1).find((each) => right.includes(each, 1)) ?? "";
  return { home, from: left[left.indexOf(home) - 1] ?? edge.from, to: right[right.indexOf(home) - 1] ?? edge.to };
}

/** Ports where a card has them, so that straight arrows are drawn straight. */
function portsAt(node: DocumentNode, width: number, names: readonly string[]): Pick<ElkNode, "ports" | "layoutOptions"> {
  const port = (id: string, x: number, y: number, side: string) => ({
    id,
    x,
    y,
    width: 0,
    height: 0,
    layoutOptions: { "elk.port.side": side },
  });
  return {
    ports: [port(`${node.id}<in`, 0, ENTRY_Y, "WEST"), ...names.map((name, at) => port(`${node.id}>${name}`, width, ENTRY_Y + PORT_STEP * at, "EAST"))],
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
  };
}

/** An arrow from a port that the node no longer has leaves from the node itself. */
const sourceOf = (node: ElkNode | undefined, edge: DocumentEdge): string => {
  const id = `${edge.from}>${portOf(edge)}`;
  return node?.ports?.some((port) => port.id === id) ? id : edge.from;
};

function collect(graph: ElkNode, at: Position, into: Map<string, Box>): void {
  for (const child of graph.children ?? []) {
    const place = { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0), width: child.width ?? 0, height: child.height ?? 0 };
    into.set(child.id, place);
    collect(child, place, into);
  }
}

/** The places moved so that the corner of what is tidied stays where it was; notes move with the node nearest to them. */
function anchored(
  document: FlowDocument,
  chosen: readonly DocumentNode[],
  boxes: ReadonlyMap<string, Box>,
  places: ReadonlyMap<string, Position>,
): Record<string, Position> {
  const groups = groupsOf(document, boxes);
  const notes = document.notes ?? [];
  const before = [...chosen.flatMap((node) => boxes.get(node.id) ?? []), ...notes.filter((note) => places.has(note.id)).map(boxOfNote)];
  const after = [...places.values()];
  const least = (items: readonly Position[]): Position => ({
    x: Math.min(...items.map((item) => item.x)),
    y: Math.min(...items.map((item) => item.y)),
  });
  const [from, to] = [least(before), least(after)];
  const by = { x: from.x - to.x, y: from.y - to.y };
  const moved = new Map([...places].map(([id, place]) => [id, snapped({ x: place.x + by.x, y: place.y + by.y })]));
  for (const note of notes) {
    if (groups.has(note.id)) continue;
    const near = nearest(note.position, chosen, boxes);
    const box = near && boxes.get(near);
    const place = near && moved.get(near);
    if (box && place) moved.set(note.id, snapped({ x: note.position.x + place.x - box.x, y: note.position.y + place.y - box.y }));
  }
  return Object.fromEntries(moved);
}

function nearest(to: Position, nodes: readonly DocumentNode[], boxes: ReadonlyMap<string, Box>): string | null {
  let best: { id: string; distance: number } | null = null;
  for (const node of nodes) {
    const box = boxes.get(node.id);
    if (box === undefined) continue;
    const distance = Math.hypot(box.x + box.width / 2 - to.x - 100, box.y + box.height / 2 - to.y - 60);
    if (best === null || distance < best.distance) best = { id: node.id, distance };
  }
  return best !== null && best.distance < 500 ? best.id : null;
}
