/**
 * Groups: a note that nodes lie on is the frame around them.
 *
 * It decides what lies on a note, how large a note around nodes is, and what goes along when it moves. Nothing in a
 * document says who belongs to which group: places say it, so no edit, merge or paste can make the two disagree.
 */
import { withDescendants } from "./graph";
import type { Fragment } from "./operation";
import { boxesOf, GRID, movesOf, type Box, type Size } from "./places";
import type { FlowDocument, Note, Position } from "./types";

/** Room between a group's edge and what lies on it; above there is room for its name. */
export const GROUP = { side: 24, top: 40, bottom: 24 } as const;
const NOTE: Size = { width: 200, height: 120 };
/** No note may be larger. */
export const MOST_SIDE = 5_000;

export interface Things {
  nodes: readonly string[];
  notes: readonly string[];
}

type Boxes = ReadonlyMap<string, Box>;
type Home = string | null;

const homeOf = (item: { parent?: string | null } | undefined): Home => item?.parent ?? null;
export const boxOfNote = ({ position, width = NOTE.width, height = NOTE.height }: Note): Box => ({ x: position.x, y: position.y, width, height });
const areaOf = ({ width, height }: Box): number => width * height;
const isWithin = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;

/** What lies wholly on any of these notes, behind the same wall: nodes, and smaller notes. */
export function lyingOn(document: FlowDocument, notes: Iterable<string>, boxes: Boxes): { nodes: string[]; notes: string[] } {
  const chosen = new Set(notes);
  const under = (document.notes ?? []).filter((note) => chosen.has(note.id)).map((note) => ({ home: homeOf(note), box: boxOfNote(note) }));
  if (under.length === 0) return { nodes: [], notes: [] };
  const lies = (home: Home, box: Box, isSmaller: boolean): boolean =>
    under.some((note) => note.home === home && isWithin(box, note.box) && (!isSmaller || areaOf(box) < areaOf(note.box)));
  return {
    nodes: document.nodes.flatMap((node) => {
      const box = boxes.get(node.id);
      return box !== undefined && lies(homeOf(node), box, false) ? [node.id] : [];
    }),
    notes: (document.notes ?? []).flatMap((note) => (!chosen.has(note.id) && lies(homeOf(note), boxOfNote(note), true) ? [note.id] : [])),
  };
}

/** The notes that are groups, with the nodes that lie on each; smaller ones, which may lie on larger ones, first. */
export function groupsOf(document: FlowDocument, boxes: Boxes): Map<string, string[]> {
  const notes = [...(document.notes ?? [])].sort((one, other) => areaOf(boxOfNote(one)) - areaOf(boxOfNote(other)));
  return new Map(notes.map((note) => [note.id, lyingOn(document, [note.id], boxes).nodes] as const).filter(([, nodes]) => nodes.length > 0));
}

/** All that goes along when nodes and notes are moved: what they hold, and what lies on them, themselves included. */
export function along(document: FlowDocument, { nodes, notes }: Things, boxes: Boxes): { nodes: Set<string>; notes: Set<string> } {
  const lying = lyingOn(document, notes, boxes);
  const inside = withDescendants(document, [...nodes, ...lying.nodes]);
  const held = (document.notes ?? []).filter((note) => note.parent != null && inside.has(note.parent)).map((note) => note.id);
  return { nodes: inside, notes: new Set([...notes, ...lying.notes, ...held]) };
}

/** Moves for nodes and notes and all that goes along with them, by one distance. */
export function movesWith(document: FlowDocument, things: Things, by: Position, boxes: Boxes): Record<string, Position> {
  const { nodes, notes } = along(document, things, boxes);
  const moves = movesOf(document, nodes, by);
  for (const note of document.notes ?? []) if (notes.has(note.id)) moves[note.id] = { x: note.position.x + by.x, y: note.position.y + by.y };
  return moves;
}

/** The walls around a node from the inside out; the canvas itself is the last. */
function homesOf(document: FlowDocument, id: string): Home[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const homes: Home[] = [];
  for (let at = homeOf(byId.get(id)); at !== null && !homes.includes(at); at = homeOf(byId.get(at))) homes.push(at);
  return [...homes, null];
}

/** The place of a group around these; of nodes behind different walls it holds the containers around them. Null around nothing. */
export function frameAroundThings(document: FlowDocument, { nodes, notes }: Things, boxes: Boxes): (Box & { parent: Home }) | null {
  const walls = nodes.map((id) => homesOf(document, id));
  const parent = walls[0]?.find((home) => walls.every((each) => each.includes(home))) ?? null;
  const standing = nodes.map((id, at) => walls[at]?.[(walls[at]?.indexOf(parent) ?? 0) - 1] ?? id);
  const own = (document.notes ?? []).filter((note) => notes.includes(note.id) && homeOf(note) === parent).map(boxOfNote);
  const all = [...standing.flatMap((id) => boxes.get(id) ?? []), ...own];
  if (all.length === 0) return null;
  const down = (value: number): number => Math.floor(value / GRID) * GRID;
  const up = (value: number): number => Math.ceil(value / GRID) * GRID;
  const [x, y] = [down(Math.min(...all.map((box) => box.x)) - GROUP.side), down(Math.min(...all.map((box) => box.y)) - GROUP.top)];
  const right = up(Math.max(...all.map((box) => box.x + box.width)) + GROUP.side);
  const bottom = up(Math.max(...all.map((box) => box.y + box.height)) + GROUP.bottom);
  return { x, y, width: right - x, height: bottom - y, parent };
}

/** What a fragment covers that brings a group along; null where it brings none. What stands there would lie on the group too. */
export function roomOf({ nodes, edges, notes }: Fragment): Box | null {
  const parents = new Set(nodes.map((node) => node.parent));
  const document: FlowDocument = { dsl: 1, nodes, edges, notes };
  const boxes = boxesOf(document, (node) => parents.has(node.id));
  if (groupsOf(document, boxes).size === 0) return null;
  const all = [...boxes.values(), ...notes.map(boxOfNote)];
  const [x, y] = [Math.min(...all.map((box) => box.x)), Math.min(...all.map((box) => box.y))];
  return { x, y, width: Math.max(...all.map((box) => box.x + box.width)) - x, height: Math.max(...all.map((box) => box.y + box.height)) - y };
}

/** Of each node the name of the innermost group it lies in. */
export function groupOfEach(groups: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [group, nodes] of groups) for (const node of nodes) if (!found.has(node)) found.set(node, group);
  return found;
}
