/** What the canvas lets commands do with it. */
import { getViewportForBounds, type ReactFlowInstance } from "@xyflow/react";
import type { RefObject } from "react";
import { stateNow } from "@/commands";
import { insertNode } from "@/commands/inserting";
import { nodeOf, type Position } from "@/document/types";
import { useEditor } from "@/store/editor";
import type { CanvasHandle } from "@/store/view";
import { ENTRY, UNDO_ENTRY } from "./anatomy";
import { maySplice, frameAt } from "./dragging";
import { boundsOf, type DrawnEdge, type DrawnNode, type Scene } from "./drawn";
import { focusOn, whenUnfocused } from "./focusing";
import { endsOf, pathOf } from "./path";
import { useScene } from "./scene";
import { useShown } from "./shown";
import { isFarAt } from "./staging";
import { edgeUnder } from "./under";

export type Flow = ReactFlowInstance<DrawnNode, DrawnEdge>;

const QUICK = { duration: 180 };
const PADDING = { top: "48px", bottom: "72px", left: "48px", right: "48px" } as const;
const LEAST_FIT = 0.15;

const isStill = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const soft = () => (isStill() ? {} : QUICK);

/** `pointer` is where the mouse last was over the canvas, null where it is elsewhere. */
export function handleOf(flow: Flow, box: HTMLElement, pointer: RefObject<Position | null>): CanvasHandle {
  const middle = (): Position => {
    const { left, top, width, height } = box.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const screen = () => pointer.current ?? middle();
  const reveal = (id: string): void => {
    const { scene } = useScene.getState();
    const place = scene.boxes.get(id) ?? boxOf(scene.nodes.find((node) => node.id === id));
    if (place === undefined) return;
    const { left, top, right, bottom } = box.getBoundingClientRect();
    const from = flow.flowToScreenPosition(place);
    const to = flow.flowToScreenPosition({ x: place.x + place.width, y: place.y + place.height });
    const isSeen = from.x >= left + 16 && from.y >= top + 16 && to.x <= right - 16 && to.y <= bottom - 16;
    if (!isSeen) void flow.setCenter(place.x + place.width / 2, place.y + place.height / 2, { zoom: flow.getZoom(), ...soft() });
  };
  const show = (id: string): void => {
    reveal(id);
    focusOn(box, id);
  };
  return {
    zoomIn: () => void flow.zoomIn(soft()),
    zoomOut: () => void flow.zoomOut(soft()),
    zoomTo: (factor) => void flow.zoomTo(factor, soft()),
    fit: (ids) => {
      const { nodes } = useScene.getState();
      const bounds = boundsOf(ids === undefined ? nodes : nodes.filter((node) => ids.includes(node.id)));
      if (bounds === null) return;
      const { left, top, right, bottom } = bounds;
      const whole = { x: left, y: top, width: right - left, height: bottom - top };
      void flow.setViewport(getViewportForBounds(whole, box.clientWidth, box.clientHeight, LEAST_FIT, 1, PADDING), soft());
    },
    reveal,
    isReadable: () => !isFarAt(flow.getZoom()),
    show,
    showAfter: (id) => whenUnfocused(() => show(id)),
    pointer: () => flow.screenToFlowPosition(screen()),
    pointerOnScreen: screen,
    toCanvas: (place) => flow.screenToFlowPosition(place),
    drop: (type, place) => {
      const { left, top, right, bottom } = box.getBoundingClientRect();
      const isOver = place.x >= left && place.x <= right && place.y >= top && place.y <= bottom;
      return isOver && dropType(flow, useScene.getState().scene, type, place);
    },
    sizes: () => useScene.getState().scene.sizes,
    picture: async () => (await import("./picturing")).picture({ scene: useScene.getState().scene, overlay: useShown.getState().overlay, pathOf, endsOf, ENTRY, UNDO_ENTRY }),
  };
}

const boxOf = (node: DrawnNode | undefined) => node && { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };

const MARGIN = 48;
/** A card can still be read at this zoom. */
const READABLE = 0.62;

/** A flow that is opened is seen whole where that can be read; else its beginning is. */
export function showOpened(flow: Flow, box: HTMLElement): void {
  const { nodes } = useScene.getState().scene;
  const bounds = boundsOf(nodes);
  if (bounds === null) {
    void flow.setViewport({ x: 0, y: 0, zoom: 1 });
    return;
  }
  const { left, top } = bounds;
  const [width, height] = [bounds.right - left, bounds.bottom - top];
  const fit = Math.min((box.clientWidth - 2 * MARGIN) / width, (box.clientHeight - 3 * MARGIN) / height);
  const zoom = Math.max(READABLE, Math.min(1, fit));
  const place = (length: number, room: number, from: number): number =>
    (length * zoom > room - 2 * MARGIN ? MARGIN : (room - length * zoom) / 2) - from * zoom;
  // One node alone stands high: what leads on from there takes the room below it.
  const room = nodes.length === 1 ? box.clientHeight * 0.55 : box.clientHeight - MARGIN;
  void flow.setViewport({ x: place(width, box.clientWidth, left), y: place(height, room, top), zoom });
}

/** Keep what is in the middle of the canvas there as its box changes; answers with how to stop. */
export function keepMiddle(flow: Flow, box: HTMLElement): () => void {
  let size = { width: box.clientWidth, height: box.clientHeight };
  const observer = new ResizeObserver(() => {
    const now = { width: box.clientWidth, height: box.clientHeight };
    const { x, y, zoom } = flow.getViewport();
    const by = { x: (now.width - size.width) / 2, y: (now.height - size.height) / 2 };
    if (by.x !== 0 || by.y !== 0) void flow.setViewport({ x: x + by.x, y: y + by.y, zoom });
    size = now;
  });
  observer.observe(box);
  return () => observer.disconnect();
}

/** A node type falls on the canvas: into the arrow it fell on, inside the frame it fell in. */
function dropType(flow: Flow, scene: Scene, type: string, screen: Position): boolean {
  const state = stateNow();
  const at = flow.screenToFlowPosition(screen);
  const canvas = { x: at.x - 27, y: at.y - 28 };
  const edge = edgeUnder(screen);
  const { document } = useEditor.getState();
  const isFree = edge !== null && maySplice(document, { id: " ", type }, edge);
  const parent = frameAt(scene, at, new Set());
  const from = isFree ? nodeOf(document, document.edges.find((each) => `${each.from}:${each.port ?? "out"}>${each.to}` === edge)?.from ?? "") : undefined;
  return insertNode(state, type, { canvas, parent: from?.parent ?? parent, ...(isFree && edge !== null ? { edge } : {}) }) !== null;
}
