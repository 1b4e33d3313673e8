/** The scene that is drawn: the document's, and on top of it what is being dragged at this moment. */
import { applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { create } from "zustand";
import { united } from "@/document/diff";
import { along } from "@/document/groups";
import { useEditor } from "@/store/editor";
import { edgeKey, type FlowDocument, type Position } from "@/document/types";
import { useView, type Compared } from "@/store/view";
import type * as Guiding from "./guiding";
import { asDrawn, goBy, PACE, rest } from "./holding";
import { lassoTakes } from "./lasso";
import { useGuides } from "./shown";
import { EMPTY_SCENE, lifted, liftedArrows, reselected, sceneOf, type DrawnEdge, type DrawnNode, type Scene } from "./drawn";

interface SceneState {
  scene: Scene;
  nodes: DrawnNode[];
  edges: DrawnEdge[];
}

const EMPTY: SceneState = { scene: EMPTY_SCENE, nodes: [], edges: [] };

export const useScene = create<SceneState>()(() => EMPTY);

interface Basis {
  draft: FlowDocument;
  compared: Compared | null;
  document: FlowDocument;
  ghosts: ReadonlySet<string>;
}

const NO_GHOSTS: ReadonlySet<string> = new Set();
const plain = (draft: FlowDocument): Basis => ({ draft, compared: null, document: draft, ghosts: NO_GHOSTS });

/** The document to draw: the draft, or both of those compared as one. What the draft lacks can't be taken hold of. */
function basisOf(draft: FlowDocument, compared: Compared | null): Basis {
  if (compared === null) return plain(draft);
  const document = united(compared.before, compared.after ?? draft);
  const own = new Set([...draft.nodes.map((node) => node.id), ...draft.edges.map(edgeKey)]);
  const ghosts = [...document.nodes.map((node) => node.id), ...document.edges.map(edgeKey)].filter((id) => !own.has(id));
  return { draft, compared, document, ghosts: new Set(ghosts) };
}

let basis = plain(useEditor.getState().document);

function inputNow() {
  const { document: draft, catalogue, selection, readOnly } = useEditor.getState();
  const { folded, compared } = useView.getState();
  if (basis.draft !== draft || basis.compared !== compared) basis = basisOf(draft, compared);
  const { document, ghosts } = basis;
  return { document, ghosts, catalogue, selection, folded, readOnly: readOnly || compared?.after != null };
}

/** Draw the document again whenever it, the selection or a fold changes; answers with how to stop. */
export function watchScene(): () => void {
  let input = inputNow();
  const show = (scene: Scene) => letGo({ scene, nodes: scene.nodes, edges: scene.edges });
  const draw = () => show(sceneOf(input, useScene.getState().scene));
  const look = () => {
    const next = inputNow();
    const before = input;
    input = next;
    const isSame = next.document === before.document && next.catalogue === before.catalogue && next.readOnly === before.readOnly && next.folded === before.folded;
    if (!isSame) draw();
    else if (next.selection !== before.selection) show(reselected(useScene.getState().scene, next.selection));
  };
  draw();
  const ends = [useEditor.subscribe(look), useView.subscribe(look)];
  return () => {
    ends.forEach((end) => end());
    letGo(EMPTY);
  };
}

let guiding: typeof Guiding | null = null;

/** Lines to drag along: fetched once the canvas stands, none before. */
export const fetchLines = (): void => void import("./guiding").then((part) => (guiding = part));

/** Forget what was dragged and draw the document again. */
export function settle(): void {
  if (useGuides.getState().guides.length > 0) useGuides.setState({ guides: [] });
  const { scene } = useScene.getState();
  letGo({ nodes: scene.nodes, edges: scene.edges });
}

/** What is dragged, and that with all that goes along; null while nothing is, or before it was lifted. */
let hand: { ids: ReadonlySet<string>; led: ReadonlySet<string> } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let toldAt = 0;

/** Say what is drawn where, so that the library has it there too. */
function tell(state: Partial<SceneState>): void {
  clearTimeout(timer);
  timer = undefined;
  toldAt = performance.now();
  rest();
  useScene.setState(state);
}

const tellHand = (): void => tell({ nodes: asDrawn(useScene.getState().nodes) });

function letGo(state: Partial<SceneState>): void {
  hand = null;
  tell(state);
}

/** The ids selected after changes that the graph library reports. */
function selectedAfter(before: readonly string[], changes: readonly { type: string; id?: string; selected?: boolean }[]): string[] {
  const selected = new Set(before);
  for (const change of changes) {
    if (change.type !== "select" || change.id === undefined) continue;
    if (change.selected) selected.add(change.id);
    else selected.delete(change.id);
  }
  return [...selected];
}

const areAlike = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => one.size === other.size && [...one].every((id) => other.has(id));

function move(moves: NodeChange<DrawnNode>[]): void {
  const { nodes, scene } = useScene.getState();
  const ids = movedBy(moves);
  const known = hand !== null && areAlike(hand.ids, ids) ? hand : null;
  const led = known?.led ?? new Set(nodes.filter((node) => ids.has(node.id)).flatMap((node) => (node.type === "card" ? [node.id] : [...carriedBy(node)])));
  const guided = guiding?.onLines(moves, nodes, useEditor.getState().document, led) ?? moves;
  const isHeld = guided.every((change) => change.type === "position" && change.dragging);
  const by = known !== null && isHeld ? goneBy(guided, nodes) : null;
  if (by !== null) {
    goBy(by);
    // Where frames leave no time for timers it is told in one of them.
    if (performance.now() - toldAt >= PACE) tellHand();
    else timer ??= setTimeout(tellHand, PACE);
    return;
  }
  const held = new Set(guided.flatMap((change) => (change.type === "position" && change.dragging ? [change.id] : [])));
  const moved = applyNodeChanges(guided, nodes).map((node) => (held.has(node.id) ? lifted(node) : node));
  letGo({ nodes: carried(moved, nodes, guided), ...(isHeld ? { edges: liftedArrows(scene.edges, led) } : {}) });
  if (isHeld) hand = { ids, led };
}

/** How far the hand is from where what it holds was said to be: all of it goes as far as the first. */
function goneBy([first]: readonly NodeChange<DrawnNode>[], nodes: readonly DrawnNode[]): Position | null {
  if (first?.type !== "position" || first.position === undefined) return null;
  const from = nodes.find((node) => node.id === first.id)?.position;
  return from === undefined ? null : { x: first.position.x - from.x, y: first.position.y - from.y };
}

export function onNodesChange(changes: NodeChange<DrawnNode>[]): void {
  const moves = changes.filter((change) => change.type === "position" || change.type === "dimensions");
  if (moves.length > 0) move(moves);
  if (!changes.some((change) => change.type === "select")) return;
  const { selection, select, document } = useEditor.getState();
  const notes = new Set((document.notes ?? []).map((note) => note.id));
  const ids = selectedAfter([...selection.nodes, ...selection.notes], changes);
  select(lassoTakes({ nodes: ids.filter((id) => !notes.has(id)), notes: ids.filter((id) => notes.has(id)), edges: selection.edges }));
}

export function onEdgesChange(changes: EdgeChange<DrawnEdge>[]): void {
  if (!changes.some((change) => change.type === "select")) return;
  const { selection, select } = useEditor.getState();
  select(lassoTakes({ ...selection, edges: selectedAfter(selection.edges, changes) }));
}

/** Whether a note that is dragged leaves behind what lies on it. */
let isAlone = false;
export const takeAlone = (alone: boolean): void => void (isAlone = alone);

/** All that goes along with a frame or a note that is dragged, itself included. */
function carriedBy(item: DrawnNode): Set<string> {
  const { document } = useEditor.getState();
  if (item.type === "note" && isAlone) return new Set([item.id]);
  const things = item.type === "note" ? { nodes: [], notes: [item.id] } : { nodes: [item.id], notes: [] };
  const { nodes, notes } = along(document, things, useScene.getState().scene.boxes);
  return new Set([...nodes, ...notes]);
}

/** What stands in a frame or lies on a note moves along with it while it is dragged. */
function carried(after: DrawnNode[], before: DrawnNode[], moves: readonly NodeChange<DrawnNode>[]): DrawnNode[] {
  const moved = movedBy(moves);
  const carriers = before.filter((node) => node.type !== "card" && moved.has(node.id));
  if (carriers.length === 0) return after;
  const now = new Map(after.map((node) => [node.id, node]));
  const shifts = new Map<string, { x: number; y: number }>();
  for (const carrier of carriers) {
    const to = now.get(carrier.id)?.position;
    if (to === undefined) continue;
    const by = { x: to.x - carrier.position.x, y: to.y - carrier.position.y };
    for (const id of carriedBy(carrier)) if (!moved.has(id)) shifts.set(id, by);
  }
  return after.map((node) => {
    const by = shifts.get(node.id);
    return by === undefined ? node : lifted({ ...node, position: { x: node.position.x + by.x, y: node.position.y + by.y } });
  });
}

const movedBy = (changes: readonly NodeChange<DrawnNode>[]): Set<string> => new Set(changes.flatMap((change) => (change.type === "position" ? [change.id] : [])));
