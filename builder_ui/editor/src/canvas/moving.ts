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

/** Whether it is zoomed step by step, by which the sheet is painted in full size until the end. */
let isZooming = false;
export const isZoomingNow = (): boolean => isZooming;

/** Whether cards are held: at the edge the view goes on beneath them, and the library is told of it as they are placed anew. */
let isHolding = false;
export const holdCards = (isHeld: boolean): void => void (isHolding = isHeld);

/** What lies between two pixels of the screen the browser would paint, or mix of both, anew in every frame. */
export const toPixel = (at: number): number => Math.round(at * devicePixelRatio) / devicePixelRatio;
const toPixels = ({ x, y, zoom }: Viewport): Viewport => ({ x: toPixel(x), y: toPixel(y), zoom });

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
  let owed = { x: 0, y: 0 };
  isStepping = isZooming = false;
  useMoving.setState(OURS);

  const tell = (): void => {
    cancelAnimationFrame(frame);
    [frame, isMoved] = [0, false];
    const { x, y, zoom } = useMoving.getState();
    store.setState({ transform: [x, y, zoom] });
  };
  const onPixels = ({ x, y, zoom }: Viewport): Viewport => {
    // At the edge each step goes on from where the view stands, and a slow one is less than a pixel.
    const exact = isHolding ? { x: x + owed.x, y: y + owed.y } : { x, y };
    const view = toPixels({ ...exact, zoom });
    owed = { x: exact.x - view.x, y: exact.y - view.y };
    return view;
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
      isStepping = isZooming = false;
      const { x, y } = useMoving.getState();
      useMoving.setState(toPixels);
      const view = useMoving.getState();
      if (view.x !== x || view.y !== y) tell();
      rest();
    },
    go: (to) => {
      const state = store.getState();
      const isZoomed = to.zoom !== state.transform[2];
      if (isZoomed && state.domNode?.getAttribute("data-moving") === "") {
        isZooming = true;
        state.domNode.setAttribute("data-moving", "zoom");
      }
      // What the program puts elsewhere at once comes in one step.
      const isStep = isByHand || !isFirst;
      const sheet = !isTold && (isStep || isHolding) ? state.domNode?.querySelector<HTMLElement>(".react-flow__viewport") : null;
      const view = isZoomed ? to : onPixels(to);
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
