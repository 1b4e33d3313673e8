/**
 * Every card and arrow of a flow as a few paths: what each looks like where nobody reads, and near by what is seen of it
 * until it stands. Those that look alike and lie in the same part of the canvas are one path. Pure.
 */
import type { StepStatus } from "@/api/types";
import { COMPENSATE } from "@/document/graph";
import { portOf } from "@/document/types";
import type { Overlay } from "@/store/overlay";
import type { CardNode, DrawnEdge, DrawnNode, Scene } from "./drawn";
import { endsOf, pathOf, tipAt } from "./path";

export type Kind = "line" | "tip" | "box" | "square";

export interface Silhouette {
  key: string;
  kind: Kind;
  /** What the style goes by. */
  looks: Record<`data-${string}`, string | undefined>;
  d: string;
}

interface Arrow {
  edge: DrawnEdge;
  source: DrawnNode;
  target: DrawnNode;
}

/** What lies in one part of the canvas: its cards, and the arrows that begin there. */
export interface Part {
  key: string;
  cards: CardNode[];
  arrows: Arrow[];
}

interface Subject {
  part: Part;
  overlay: Overlay | null;
  isFar: boolean;
  /** They have none, nor have their arrows: they are not where the scene has them. */
  held: ReadonlySet<string>;
}

export interface CardsSubject extends Subject {
  catalogue: ReadonlyMap<string, { category: string }>;
}

export interface ArrowsSubject extends Subject {
  /** The arrows that draw themselves. */
  arrows: ReadonlySet<string>;
}

/** The side of a part of the canvas: what changes is painted anew with all of its look there, and what isn't seen is passed over. Near by, where little is seen, little lies in one. */
const PART = { near: 640, far: 2_560 } as const;
/** The corner of a card, its border, and the square of its category, near and from afar, as NodeCard.module.css has them. */
const CORNER = 11;
const SQUARE = { near: { at: 11, side: 34, corner: 9 }, far: { at: 19, side: 52, corner: 12 } } as const;

const COLOURED: ReadonlySet<StepStatus> = new Set<StepStatus>(["succeeded", "running", "retrying", "failed", "uncertain", "waiting", "skipped", "cancelled"]);
const FADED: ReadonlySet<StepStatus> = new Set<StepStatus>(["skipped", "cancelled"]);

const rounded = (x: number, y: number, width: number, height: number, r: number): string =>
  `M${x + r} ${y}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${2 * r - width}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - height}a${r} ${r} 0 0 1 ${r} ${-r}z`;

/** What a node's or an arrow's path is stays known as long as it is the same one. */
const shapes = new WeakMap<DrawnNode, { box: string; near: string; far: string }>();
function pathsOf(node: CardNode): { box: string; near: string; far: string } {
  const known = shapes.get(node);
  if (known !== undefined) return known;
  const { position: { x, y }, width = 0, height = 0 } = node;
  const square = ({ at, side, corner }: { at: number; side: number; corner: number }): string => rounded(x + at, y + at, side, side, corner);
  // The line of a border lies inside its box.
  const made = { box: rounded(x + 0.5, y + 0.5, width - 1, height - 1, CORNER - 0.5), near: square(SQUARE.near), far: square(SQUARE.far) };
  shapes.set(node, made);
  return made;
}

interface Way {
  source: DrawnNode;
  target: DrawnNode;
  line: string;
  tip: string;
}
const ways = new WeakMap<DrawnEdge, Way>();
function wayOf(edge: DrawnEdge, source: DrawnNode, target: DrawnNode): Way {
  const known = ways.get(edge);
  if (known?.source === source && known.target === target) return known;
  const ends = endsOf(source, edge.sourceHandle ?? "", target, edge.targetHandle ?? "");
  const made = { source, target, line: ends === null ? "" : pathOf(ends).path, tip: ends === null ? "" : tipAt(ends.targetX, ends.targetY) };
  ways.set(edge, made);
  return made;
}

/** Those of one kind, gathered by look. */
function gathering(kind: Kind) {
  const groups = new Map<string, Silhouette>();
  const add = (looks: Silhouette["looks"], path: string): void => {
    const key = `${kind} ${Object.values(looks).join(" ")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, kind, looks, d: path });
    else group.d += path;
  };
  return { add, made: () => [...groups.values()] };
}

export function partsOf({ nodes, edges }: Scene, isFar: boolean): Part[] {
  const side = isFar ? PART.far : PART.near;
  const parts = new Map<string, Part>();
  const known = new Map(nodes.map((node) => [node.id, node]));
  const partAt = ({ position: { x, y } }: DrawnNode): Part => {
    const key = `${Math.floor(x / side)}:${Math.floor(y / side)}`;
    const part = parts.get(key) ?? { key, cards: [], arrows: [] };
    parts.set(key, part);
    return part;
  };
  for (const node of nodes) if (node.type === "card") partAt(node).cards.push(node);
  for (const edge of edges) {
    const [source, target] = [known.get(edge.source), known.get(edge.target)];
    if (source !== undefined && target !== undefined) partAt(source).arrows.push({ edge, source, target });
  }
  return [...parts.values()];
}

const isLeft = ({ edge }: Arrow, { held, arrows }: ArrowsSubject): boolean => !arrows.has(edge.id) && !held.has(edge.source) && !held.has(edge.target);

/** The arrows of a part, with their heads where they can be seen. */
export function arrowsBeneath(subject: ArrowsSubject): Silhouette[] {
  const { part, overlay, isFar } = subject;
  const [lines, tips] = [gathering("line"), gathering("tip")];
  for (const arrow of part.arrows) {
    if (!isLeft(arrow, subject)) continue;
    const { edge, source, target } = arrow;
    const { line, tip } = wayOf(edge, source, target);
    if (line === "") continue;
    const state = overlay?.edges.get(edge.id);
    const port = edge.data === undefined || isFar ? "out" : portOf(edge.data.edge);
    const isUndo = port === COMPENSATE;
    lines.add({ "data-state": state, "data-port": port === "error" ? port : undefined, "data-undo": isUndo ? "true" : undefined }, line);
    if (!isFar && !isUndo) tips.add({ "data-state": state }, tip);
  }
  return [...lines.made(), ...tips.made()];
}

/** The cards of a part: a box each, and the square of its category. */
export function cardsBeneath({ part, overlay, catalogue, isFar, held }: CardsSubject): Silhouette[] {
  const [boxes, squares] = [gathering("box"), gathering("square")];
  for (const node of part.cards) {
    if (held.has(node.id)) continue;
    const { box, near, far } = pathsOf(node);
    const status = overlay?.nodes.get(node.id)?.status;
    boxes.add({ "data-status": status !== undefined && COLOURED.has(status) ? status : undefined }, box);
    const isFaded = status !== undefined && FADED.has(status);
    squares.add({ "data-category": catalogue.get(node.data.node.type)?.category, "data-faded": isFaded ? "true" : undefined }, isFar ? far : near);
  }
  return [...boxes.made(), ...squares.made()];
}

/** Whether a part's arrows look as before: to see that is far less than to join their paths. */
export function areArrowsAlike(before: ArrowsSubject, after: ArrowsSubject): boolean {
  if (before.part.arrows.length !== after.part.arrows.length) return false;
  return after.part.arrows.every((arrow, at) => {
    const { edge, source, target } = arrow;
    const was = before.part.arrows[at];
    const isSame = was?.edge === edge && was.source === source && was.target === target && before.overlay?.edges.get(edge.id) === after.overlay?.edges.get(edge.id);
    return isSame && isLeft(arrow, before) === isLeft(arrow, after);
  });
}

export function areCardsAlike(before: CardsSubject, after: CardsSubject): boolean {
  if (before.part.cards.length !== after.part.cards.length || before.catalogue !== after.catalogue) return false;
  return after.part.cards.every((node, at) => {
    const isSame = before.part.cards[at] === node && before.overlay?.nodes.get(node.id)?.status === after.overlay?.nodes.get(node.id)?.status;
    return isSame && before.held.has(node.id) === after.held.has(node.id);
  });
}
