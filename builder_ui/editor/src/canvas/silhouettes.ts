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

export interface Subject {
  scene: Scene;
  overlay: Overlay | null;
  categoryOf: (type: string) => string | undefined;
  isFar: boolean;
  /** They have none, nor have their arrows: they are not where the scene has them. */
  held: ReadonlySet<string>;
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

/** What was joined last: most parts of the canvas are as they were, and to join their paths anew takes longer than to see that. */
const joined = new Map<string, ReadonlyMap<string, Group>>();

interface Group extends Silhouette {
  paths: string[];
}

/** Those of one kind, gathered by look and part of the canvas. */
function gathering(kind: Kind, isFar: boolean) {
  const before = `${kind} ${isFar}`;
  const groups = new Map<string, Group>();
  const add = (part: string, looks: Silhouette["looks"], path: string): void => {
    const key = `${kind} ${part} ${Object.values(looks).join(" ")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, kind, looks, paths: [path], d: "" });
    else group.paths.push(path);
  };
  const made = (): Silhouette[] => {
    for (const group of groups.values()) {
      const known = joined.get(before)?.get(group.key);
      const isSame = known?.paths.length === group.paths.length && known.paths.every((path, at) => path === group.paths[at]);
      group.d = isSame ? known.d : group.paths.join("");
    }
    joined.set(before, groups);
    return [...groups.values()];
  };
  return { add, made };
}

const partsOf = (isFar: boolean) => {
  const side = isFar ? PART.far : PART.near;
  return ({ position: { x, y } }: DrawnNode): string => `${Math.floor(x / side)}:${Math.floor(y / side)}`;
};

/** The arrows, with their heads where they can be seen. */
export function arrowsBeneath({ scene, overlay, isFar, held, arrows }: Omit<Subject, "categoryOf">): Silhouette[] {
  const [lines, tips] = [gathering("line", isFar), gathering("tip", isFar)];
  const partOf = partsOf(isFar);
  const nodes = new Map(scene.nodes.map((node) => [node.id, node]));
  for (const edge of scene.edges) {
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
    if (source === undefined || target === undefined || arrows.has(edge.id) || held.has(edge.source) || held.has(edge.target)) continue;
    const { line, tip } = wayOf(edge, source, target);
    if (line === "") continue;
    const state = overlay?.edges.get(edge.id);
    const port = edge.data === undefined || isFar ? "out" : portOf(edge.data.edge);
    const isUndo = port === COMPENSATE;
    lines.add(partOf(source), { "data-state": state, "data-port": port === "error" ? port : undefined, "data-undo": isUndo ? "true" : undefined }, line);
    if (!isFar && !isUndo) tips.add(partOf(source), { "data-state": state }, tip);
  }
  return [...lines.made(), ...tips.made()];
}

/** The cards: a box each, and the square of its category. */
export function cardsBeneath({ scene, overlay, categoryOf, isFar, held }: Omit<Subject, "arrows">): Silhouette[] {
  const [boxes, squares] = [gathering("box", isFar), gathering("square", isFar)];
  const partOf = partsOf(isFar);
  for (const node of scene.nodes) {
    if (node.type !== "card" || held.has(node.id)) continue;
    const { box, near, far } = pathsOf(node);
    const status = overlay?.nodes.get(node.id)?.status;
    const isColoured = status !== undefined && COLOURED.has(status);
    boxes.add(partOf(node), { "data-status": isColoured ? status : undefined }, box);
    const isFaded = status !== undefined && FADED.has(status);
    squares.add(partOf(node), { "data-category": categoryOf(node.data.node.type), "data-faded": isFaded ? "true" : undefined }, isFar ? far : near);
  }
  return [...boxes.made(), ...squares.made()];
}
