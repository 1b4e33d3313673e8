/** What the hand does to what stands on the canvas: takes it, moves it, lets it fall, names it. Always the same functions: another one would have every card drawn anew. */
import type { MouseEvent as ReactMouseEvent } from "react";
import { stateNow } from "@/commands";
import { beginNaming } from "@/commands/editing";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { isCancelledNow } from "./cancelling";
import { onDragOver, onDrop } from "./dragging";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { holdCards } from "./moving";
import { settle, takeAlone, useScene } from "./scene";
import { isReadOnlyNow, useShown } from "./shown";
import { screenOf } from "./under";

type Held = (event: MouseEvent | TouchEvent, node: DrawnNode, held: DrawnNode[]) => void;

/** Whether what is dragged leaves its chain: Alt was down as the drag began. */
let isTakenOut = false;

const hasAlt = (event: MouseEvent | TouchEvent): boolean => event.altKey;

export const onNodeDragStart: Held = (event) => {
  isTakenOut = hasAlt(event);
  takeAlone(isTakenOut);
  holdCards(true);
  useView.getState().hold(true);
};

export const onNodeDrag: Held = (event, _node, held) => onDragOver(useScene.getState().scene, held, screenOf(event));

export const onNodeDragStop: Held = (event, _node, held) => {
  holdCards(false);
  useView.getState().hold(false);
  const { scene, nodes } = useScene.getState();
  // Where they are drawn: a line may have taken them from where the hand is.
  const drawn = new Map(nodes.map((node) => [node.id, node]));
  const dragged = held.map((item) => drawn.get(item.id) ?? item);
  const isMoved = dragged.some((item) => {
    const was = scene.nodes.find((node) => node.id === item.id)?.position;
    return was === undefined || was.x !== item.position.x || was.y !== item.position.y;
  });
  if (isCancelledNow()) useShown.setState({ dropEdge: null, dropFrame: null });
  else if (isMoved) onDrop(scene, dragged, { isOut: isTakenOut || hasAlt(event), isAlone: isTakenOut });
  settle();
};

/** The frame that a double click puts something into; null where there is none, undefined on what it names instead: a card, a frame's head. */
export function insideOf(target: Element): string | null | undefined {
  const node = target.closest<HTMLElement>(".react-flow__node");
  if (node === null) return null;
  return node.matches(".react-flow__node-frame") && target.closest("[data-named]") === null ? node.dataset.id : undefined;
}

export const onNodeDoubleClick = ({ target }: ReactMouseEvent, node: DrawnNode): void => {
  const isName = target instanceof Element && insideOf(target) === undefined;
  if (!isReadOnlyNow() && node.type !== "note" && isName) beginNaming(stateNow(), node.id);
};

/** The menu speaks of what is selected: of what it was asked for at, where that is not. */
export function selectForMenu(item: DrawnNode | DrawnEdge): void {
  const { selection, select } = useEditor.getState();
  if ([...selection.nodes, ...selection.notes, ...selection.edges].includes(item.id)) return;
  select(item.type === "arrow" ? { edges: [item.id] } : item.type === "note" ? { notes: [item.id] } : { nodes: [item.id] });
}
