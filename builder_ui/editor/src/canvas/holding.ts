/**
 * What the hand holds, drawn where the hand is. The graph library asks each card, port and arrow that stands whenever it is
 * told of one, so it is told some times a second, and between these what is held is pushed by its style and its arrows are
 * drawn to where it is, all of it past React. It decides how far that is from where the library has it.
 */
import type { useStoreApi } from "@xyflow/react";
import { useLayoutEffect } from "react";
import { create } from "zustand";
import type { Position } from "@/document/types";
import { HELD, type DrawnEdge, type DrawnNode, type HeldEnds } from "./drawn";
import type { Ends } from "./path";

type Store = ReturnType<typeof useStoreApi<DrawnNode, DrawnEdge>>;

/** Milliseconds after which the library is told where the hand is. */
export const PACE = 100;

const THERE: Position = { x: 0, y: 0 };

/** How far what is held is from where the library has it. */
export const useHeld = create<{ by: Position }>()(() => ({ by: THERE }));

export function goBy(by: Position): void {
  const { x, y } = useHeld.getState().by;
  if (x !== by.x || y !== by.y) useHeld.setState({ by });
}

/** The library has it where it is drawn. */
export function rest(): void {
  if (useHeld.getState().by !== THERE) useHeld.setState({ by: THERE });
}

const isHeld = (item: { className?: string }): boolean => item.className === HELD;
const plus = (place: Position, by: Position): Position => ({ x: place.x + by.x, y: place.y + by.y });

/** All that is held where it is drawn. */
export function asDrawn(nodes: readonly DrawnNode[]): DrawnNode[] {
  const { by } = useHeld.getState();
  return nodes.map((node) => (isHeld(node) ? { ...node, position: plus(node.position, by) } : node));
}

/** Where something is drawn that the library has at a place. */
export const drawnAt = (item: { className?: string }, place: Position, by: Position): Position => (isHeld(item) ? plus(place, by) : place);

/** The ends of an arrow as they are drawn. */
function heldEnds(ends: Ends, held: HeldEnds, by: Position): Ends {
  const [source, target] = [held.source ? by : THERE, held.target ? by : THERE];
  return { ...ends, sourceX: ends.sourceX + source.x, sourceY: ends.sourceY + source.y, targetX: ends.targetX + target.x, targetY: ends.targetY + target.y };
}

/** Push about what is held, and the frame around a selection, until what is answered is called. */
export function keepHeld(store: Store): () => void {
  return useHeld.subscribe(({ by }) => {
    const { domNode, nodesSelectionActive } = store.getState();
    if (domNode === null) return;
    const place = by === THERE ? "" : `${by.x}px ${by.y}px`;
    const push = (element: Element | null): void => {
      if (element instanceof HTMLElement) element.style.translate = place;
    };
    for (const element of domNode.getElementsByClassName(HELD)) push(element);
    if (nodesSelectionActive) push(domNode.querySelector(".react-flow__nodesselection-rect"));
  });
}

/** Have an arrow drawn to where the hand takes its ends, at each step and past React. `draw` puts it where its ends are. */
export function useAlong(ends: Ends, held: HeldEnds | undefined, draw: (ends: Ends) => void): void {
  useLayoutEffect(() => {
    if (held === undefined) return;
    const follow = ({ by }: { by: Position }): void => draw(heldEnds(ends, held, by));
    if (useHeld.getState().by !== THERE) follow(useHeld.getState());
    return useHeld.subscribe(follow);
  });
}
