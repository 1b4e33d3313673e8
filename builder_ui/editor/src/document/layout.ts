/**
 * Tidy: places for nodes by the layered algorithm of the Eclipse Layout Kernel.
 *
 * It decides what the kernel is asked and how its answer is brought back to where the nodes stood; the
 * kernel itself is handed in, so that it is loaded only when someone tidies.
 */
import { COMPENSATE } from "./graph";
import { FRAME, snapped, type Box } from "./places";
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

const PADDING = `[top=${FRAME.top},left=${FRAME.side},bottom=${FRAME.bottom},right=${FRAME.side}]`;

/** The new places of the nodes in `only` (of all where it is empty), and of the notes that stand by them. */
export async function tidied(
  document: FlowDocument,
  boxes: ReadonlyMap<string, Box>,
  layered: Layered,
  portNames: PortNames,
  only: ReadonlySet<string> = new Set(),
): Promise<Record<string, Position>> {
  const chosen = document.nodes.filter((node) => only.size === 0 || only.has(node.id));
  if (chosen.length === 0) return {};
  const undo = undoPlaces(document, chosen);
  const graph = graphOf(chosen, document.edges, boxes, undo, portNames);
  const places = new Map<string, Position>();
  collect(await layered(graph), { x: 0, y: 0 }, places);
  placeUndos(undo, places, boxes);
  return anchored(document, chosen, boxes, places);
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

function placeUndos(undo: ReadonlyMap<string, string>, places: Map<string, Position>, boxes: ReadonlyMap<string, Box>): void {
  for (const [id, of] of undo) {
    const place = places.get(of);
    if (place) places.set(id, { x: place.x, y: place.y + (boxes.get(of)?.height ?? 88) + 48 });
  }
}

function graphOf(
  nodes: readonly DocumentNode[],
  edges: readonly DocumentEdge[],
  boxes: ReadonlyMap<string, Box>,
  undo: ReadonlyMap<string, string>,
  portNames: PortNames,
): ElkNode {
  const undone = new Map([...undo].map(([id, of]) => [of, id]));
  const made = new Map<string, ElkNode>();
  for (const node of nodes) {
    if (undo.has(node.id)) continue;
    const { width = 220, height = 88 } = boxes.get(node.id) ?? {};
    const below = undone.get(node.id);
    const room = below === undefined ? 0 : 48 + (boxes.get(below)?.height ?? 88);
    made.set(node.id, { id: node.id, width, height: height + room, ...portsAt(node, width, portNames(node)) });
  }
  const root: ElkNode = { id: "", children: [], edges: [], layoutOptions: OPTIONS };
  for (const node of nodes) {
    const item = made.get(node.id);
    if (item === undefined) continue;
    const home = made.get(node.parent ?? "") ?? root;
    home.children = [...(home.children ?? []), item];
    // A frame is as wide as what it holds: the sides of its ports are known, their places aren't.
    if (home !== root) home.layoutOptions = { ...OPTIONS, "elk.padding": PADDING, "elk.portConstraints": "FIXED_SIDE" };
  }
  const homes = new Map(nodes.map((node) => [node.id, made.get(node.parent ?? "") ?? root]));
  edges.forEach((edge, index) => {
    const home = homes.get(edge.from);
    if (home === undefined || homes.get(edge.to) !== home || !made.has(edge.from) || !made.has(edge.to)) return;
    home.edges = [...(home.edges ?? []), { id: `e${index}`, sources: [sourceOf(made.get(edge.from), edge)], targets: [`${edge.to}<in`] }];
  });
  return root;
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

function collect(graph: ElkNode, at: Position, into: Map<string, Position>): void {
  for (const child of graph.children ?? []) {
    const place = { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0) };
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
  const before = chosen.flatMap((node) => boxes.get(node.id) ?? []);
  const after = [...places.values()];
  const least = (items: readonly Position[]): Position => ({
    x: Math.min(...items.map((item) => item.x)),
    y: Math.min(...items.map((item) => item.y)),
  });
  const [from, to] = [least(before), least(after)];
  const by = { x: from.x - to.x, y: from.y - to.y };
  const moved = new Map([...places].map(([id, place]) => [id, snapped({ x: place.x + by.x, y: place.y + by.y })]));
  for (const note of document.notes ?? []) {
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
