/** The canvas: the document drawn, and every way to change it by hand. */
import { ReactFlow, ReactFlowProvider, SelectionMode, useReactFlow, useStoreApi, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { lazy, memo, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { GRID } from "@/document/places";
import type { Position } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { pointAt } from "@/store/people";
import { useView } from "@/store/view";
import { Late } from "@/ui/Late";
import type { MenuAsked } from "./CanvasMenu";
import { keepCancellable } from "./cancelling";
import { Carried } from "./Carried";
import { onConnect, onConnectEnd, onConnectStart, onReconnect, onReconnectEnd, onReconnectStart, isValidConnection } from "./connecting";
import { Dots } from "./Dots";
import { DraftEdge } from "./DraftEdge";
import type { DrawnEdge, DrawnNode, NoteNode } from "./drawn";
import { FlowEdge } from "./FlowEdge";
import { FrameCard } from "./FrameCard";
import { insideOf, onNodeDoubleClick, onNodeDrag, onNodeDragStart, onNodeDragStop, selectForMenu } from "./hands";
import { handleOf, keepMiddle, showOpened, type Flow } from "./handle";
import { keepHeld } from "./holding";
import { moverOf, OURS } from "./moving";
import { NodeCard } from "./NodeCard";
import { Pointers } from "./Pointers";
import { ReadingOf } from "./ReadingOf";
import { screenOf } from "./under";
import { useReadOnly } from "./shown";
import { useOverlay } from "./useOverlay";
import { fetchLines, onEdgesChange, onNodesChange, useScene, watchScene } from "./scene";
import { Sheet } from "./Sheet";
import { keepStaged, measureNothing, standingOn } from "./stage";
import { Why } from "./Why";
import { ZoomBar } from "./ZoomBar";
import style from "./Canvas.module.css";

const Overview = lazy(() => import("./Overview").then((part) => ({ default: part.Overview })));
const Silhouettes = lazy(() => import("./Silhouettes").then((part) => ({ default: part.Silhouettes })));
const Guides = lazy(() => import("./Guides").then((part) => ({ default: part.Guides })));
const CanvasMenu = lazy(() => import("./CanvasMenu").then((part) => ({ default: part.CanvasMenu })));
const ConnectTo = lazy(() => withWords(import("./ConnectTo")).then((part) => ({ default: part.ConnectTo })));

const NoteCard = lazy(() => import("./NoteCard").then((part) => ({ default: part.NoteCard })));

const Note = (props: NodeProps<NoteNode>) => (
  <Suspense>
    <NoteCard {...props} />
  </Suspense>
);
const NODE_TYPES = { card: NodeCard, frame: FrameCard, note: Note };
const EDGE_TYPES = { arrow: FlowEdge };
const SNAP: [number, number] = [GRID, GRID];
const MIDDLE_BUTTON = [1];
const ADDING = ["Control", "Meta", "Shift"];
const isCoarse = () => window.matchMedia("(pointer: coarse)").matches;

function Drawing() {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const pointer = useRef<Position | null>(null);
  const [menu, setMenu] = useState<MenuAsked | null>(null);
  // Nothing is shown before it stands in its place: a card seen elsewhere for a moment is one that is missed by a hand.
  const [opened, setOpened] = useState<string>();
  const flow = useReactFlow<DrawnNode, DrawnEdge>() as Flow;
  const store = useStoreApi<DrawnNode, DrawnEdge>();
  useState(() => measureNothing(store));
  const [mover] = useState(() => moverOf(store));
  const [standing] = useState(() => standingOn(store));
  const count = useScene((state) => state.nodes.length);
  const readOnly = useReadOnly();
  const flowId = useEditor((state) => state.flow?.id);
  const isHand = useView((state) => state.hand);
  const isConnecting = useView((state) => state.connectFrom !== null);
  useOverlay(standing);
  useEffect(() => keepStaged(store), [store]);
  useEffect(() => keepHeld(store), [store]);
  useEffect(() => keepCancellable(store), [store]);
  useEffect(watchScene, []);
  useEffect(fetchLines, []);

  useEffect(() => {
    if (box.current === null) return;
    useView.getState().setCanvas(handleOf(flow, box.current, pointer));
    return () => useView.getState().setCanvas(null);
  }, [flow]);

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (box.current === null) return;
      showOpened(flow, box.current);
      setOpened(flowId);
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, flowId]);

  // A drawer that opens beside the canvas leaves its middle in the middle.
  useEffect(() => {
    const { current } = box;
    return current === null ? undefined : keepMiddle(flow, current);
  }, [flow]);

  const onMove = useCallback((event: React.PointerEvent) => {
    const screen = screenOf(event);
    pointer.current = screen;
    pointAt(() => flow.screenToFlowPosition(screen));
  }, [flow]);

  const onLeave = useCallback(() => {
    pointer.current = null;
    pointAt(null);
  }, []);

  /** What gets the focus by keyboard is seen: a card in the margin comes into view. */
  const onFocus = useCallback((event: React.FocusEvent) => {
    const card = event.target.closest<HTMLElement>(".react-flow__node");
    if (card?.dataset.id !== undefined && card.matches(":focus-visible")) useView.getState().canvas?.reveal(card.dataset.id);
  }, []);

  const openPalette = (event: React.MouseEvent) => {
    if (readOnly || !(event.target instanceof Element) || !event.target.closest(".react-flow__pane")) return;
    const parent = insideOf(event.target);
    if (parent === undefined) return;
    const screen = screenOf(event);
    const at = flow.screenToFlowPosition(screen);
    useView.getState().openInsert({ screen, canvas: { x: at.x - 110, y: at.y - 28 }, parent });
  };

  const openMenu = useCallback((event: MouseEvent | React.MouseEvent, about: MenuAsked["about"]) => {
    event.preventDefault();
    setMenu({ at: screenOf(event), about });
  }, []);

  const openMenuOf = useCallback((event: React.MouseEvent, item: DrawnNode | DrawnEdge) => {
    selectForMenu(item);
    openMenu(event, "chosen");
  }, [openMenu]);
  const onSelectionMenu = useCallback((event: React.MouseEvent) => openMenu(event, "chosen"), [openMenu]);
  const onPaneMenu = useCallback((event: MouseEvent | React.MouseEvent) => openMenu(event, "canvas"), [openMenu]);

  return (
    <div
      ref={box}
      className={style.canvas}
      data-hand={isHand || undefined}
      data-testid="canvas"
      data-standing={(flowId !== undefined && opened === flowId) || undefined}
      onPointerDownCapture={mover.press}
      onPointerMove={onMove}
      onPointerLeave={onLeave}
      onDoubleClick={openPalette}
      onFocus={onFocus}
    >
      <ReactFlow<DrawnNode, DrawnEdge>
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        viewport={OURS}
        onViewportChange={mover.go}
        onMoveStart={mover.begin}
        onMoveEnd={mover.end}
        onNodeDragStart={onNodeDragStart}
        onNodeDrag={onNodeDrag}
        onNodeDragStop={onNodeDragStop}
        onNodeDoubleClick={onNodeDoubleClick}
        onNodeContextMenu={openMenuOf}
        onEdgeContextMenu={openMenuOf}
        onSelectionContextMenu={onSelectionMenu}
        onPaneContextMenu={onPaneMenu}
        onConnect={onConnect}
        onConnectStart={onConnectStart}
        onConnectEnd={onConnectEnd}
        onReconnect={onReconnect}
        onReconnectStart={onReconnectStart}
        onReconnectEnd={onReconnectEnd}
        isValidConnection={isValidConnection}
        connectionLineComponent={DraftEdge}
        connectionRadius={28}
        nodesConnectable={!readOnly}
        nodesDraggable={!readOnly}
        snapToGrid
        snapGrid={SNAP}
        nodeDragThreshold={3}
        minZoom={0.1}
        maxZoom={2}
        panOnScroll={!isHand}
        panOnDrag={isHand || isCoarse() ? true : MIDDLE_BUTTON}
        selectionOnDrag={!isHand && !isCoarse()}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={ADDING}
        zoomOnDoubleClick={false}
        deleteKeyCode={null}
        disableKeyboardA11y
        elevateNodesOnSelect={false}
        elevateEdgesOnSelect={false}
        proOptions={{ hideAttribution: true }}
        aria-label={text("canvas.label")}
      >
        <Dots />
        {count > 1 && (
          <Suspense>
            <Overview />
          </Suspense>
        )}
        <Sheet />
        <Suspense>
          <Silhouettes />
        </Suspense>
        <Pointers />
        <ReadingOf />
        <Suspense>
          <Guides />
        </Suspense>
      </ReactFlow>
      <ZoomBar />
      <Why />
      <Carried />
      <Late isOpen={isConnecting}>
        <ConnectTo />
      </Late>
      <Late isOpen={menu !== null}>
        <CanvasMenu asked={menu} onClose={() => setMenu(null)} />
      </Late>
    </div>
  );
}

/** Drawn by what changes on it, never because what stands around it does. */
export const Canvas = memo(function Canvas() {
  return (
    <ReactFlowProvider>
      <Drawing />
    </ReactFlowProvider>
  );
});
