/**
 * Where the view stands, told in every frame to what goes along with it. While it moves step by step, by hand or by the
 * program, whoever asks the graph library finds it there, and what the library draws is told when it rests: each card and
 * arrow would be asked at every step, and none of them looks different. It decides when that is.
 */
import type { useStoreApi, Viewport } from "@xyflow/react";
import { create } from "zustand";
import type { DrawnEdge, DrawnNode } from "./drawn";

type Store = ReturnType<typeof useStoreApi<DrawnNode, DrawnEdge>>;

/** The library moves nothing by itself where it is given a view; it is this one, and never another, so that it stays so. */
export const OURS: Viewport = { x: 0, y: 0, zoom: 1 };

export const useMoving = create<Viewport>()(() => OURS);

/** Whether the view goes on step by step, not somewhere else at once. */
let isStepping = false;
export const isSteppingNow = (): boolean => isStepping;

/** Whether cards are held: at the edge the view goes on beneath them, and the library is told of it as they are placed anew. */
let isHolding = false;
export const holdCards = (isHeld: boolean): void => void (isHolding = isHeld);

const PLACE = /^translate\([^)]*\) scale\([^)]*\)/;

export interface Mover {
  /** The hand begins, and ends; without an event the program moves the view. */
  begin: (event: MouseEvent | TouchEvent | null) => void;
  end: () => void;
  go: (view: Viewport) => void;
  /** Whoever presses begins something else. */
  press: () => void;
}

export function moverOf(store: Store): Mover {
  let isByHand = false;
  let isTold = false;
  let isFirst = true;
  let isMoved = false;
  let frame = 0;
  useMoving.setState(OURS);

  const tell = (): void => {
    cancelAnimationFrame(frame);
    [frame, isMoved] = [0, false];
    const { x, y, zoom } = useMoving.getState();
    store.setState({ transform: [x, y, zoom] });
  };
  /** A frame in which nothing moved is a rest. */
  const watch = (): void => {
    if (!isMoved) return tell();
    isMoved = false;
    frame = requestAnimationFrame(watch);
  };
  const rest = (): void => {
    isTold = true;
    if (frame !== 0) tell();
  };

  return {
    begin: (event) => {
      const { domNode } = store.getState();
      // Held at the edge it begins in each frame, and saying it again makes the browser look at styles again.
      if (domNode?.hasAttribute("data-moving") === false) domNode.setAttribute("data-moving", "");
      isFirst = true;
      isByHand = event !== null;
      // A wheel that is turned while something is dragged or an arrow is drawn moves that as well.
      isTold = event instanceof WheelEvent && event.buttons !== 0;
    },
    end: () => {
      // While it moves it is one sheet that is pushed about; standing still it is painted sharp again.
      store.getState().domNode?.removeAttribute("data-moving");
      rest();
    },
    go: (view) => {
      const state = store.getState();
      // What the program puts elsewhere at once comes in one step.
      const isStep = isByHand || !isFirst;
      const sheet = !isTold && (isStep || isHolding) ? state.domNode?.querySelector<HTMLElement>(".react-flow__viewport") : null;
      // Put there without a word: whoever asks the library finds it, and nobody draws for it.
      if (sheet) state.transform = [view.x, view.y, view.zoom];
      isStepping = isStep || isHolding;
      isFirst = false;
      useMoving.setState(view);
      if (!sheet) return tell();
      const place = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
      sheet.style.transform = place;
      // The frame around a selection lies beside the sheet.
      const around = state.nodesSelectionActive ? state.domNode?.querySelector<HTMLElement>(".react-flow__nodesselection") : null;
      if (around) around.style.transform = around.style.transform.replace(PLACE, place);
      isMoved = true;
      if (frame === 0) frame = requestAnimationFrame(watch);
    },
    press: () => {
      isHolding = false;
      rest();
    },
  };
}
