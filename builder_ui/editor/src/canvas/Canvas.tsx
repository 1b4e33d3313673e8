/** The canvas: the document drawn, and every way to change it by hand. */
import { ReactFlow, ReactFlowProvider, SelectionMode, useReactFlow, useStore } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { stateNow } from "@/commands";
import { beginNaming } from "@/commands/editing";
import { GRID } from "@/document/places";
import type { Position } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { pointAt } from "@/store/people";
import { useView } from "@/store/view";
import { Late } from "@/ui/Late";
import { CanvasMenu } from "./CanvasMenu";
import { Carried } from "./Carried";
import { onConnect, onConnectEnd, onConnectStart, onReconnect, onReconnectEnd, onReconnectStart, isValidConnection } from "./connecting";
import { Dots } from "./Dots";
import { DraftEdge } from "./DraftEdge";
import { onDragOver, onDrop } from "./dragging";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { FlowEdge } from "./FlowEdge";
import { FrameCard } from "./FrameCard";
import { handleOf, keepMiddle, showOpened, type Flow } from "./handle";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { Pointers } from "./Pointers";
import { screenOf } from "./under";
import { useReadOnly, useShown } from "./shown";
import { useOverlay } from "./useOverlay";
import { fetchLines, onEdgesChange, onNodesChange, settle, useScene, watchScene } from "./scene";
import { Why } from "./Why";
import { ZoomBar } from "./ZoomBar";
import style from "./Canvas.module.css";

const Overview = lazy(() => import("./Overview").then((part) => ({ default: part.Overview })));
const Guides = lazy(() => import("./Guides").then((part) => ({ default: part.Guides })));
const ConnectTo = lazy(() => withWords(import("./ConnectTo")).then((part) => ({ default: part.ConnectTo })));

const NODE_TYPES = { card: NodeCard, frame: FrameCard, note: NoteCard };
const EDGE_TYPES = { arrow: FlowEdge };
const SNAP: [number, number] = [GRID, GRID];
const MIDDLE_BUTTON = [1];
const sceneNow = () => useScene.getState().scene;
const MOST_AT_ONCE = 2_000;
const isCoarse = () => window.matchMedia("(pointer: coarse)").matches;

function Drawing() {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const pointer = useRef<Position | null>(null);
  const drag = useRef({ alt: false });
  const [menu, setMenu] = useState<Position | null>(null);
  // Nothing is shown before it stands in its place: a card seen elsewhere for a moment is one that is missed by a hand.
  const [standing, setStanding] = useState<string>();
  const flow = useReactFlow<DrawnNode, DrawnEdge>() as Flow;
  const edges = useScene((state) => state.scene.edges);
  const nodes = useScene((state) => state.nodes);
  // From afar nobody reads: then shapes are drawn, not words, and all of them at once, so that moving costs nothing.
  const isFar = useStore((state) => state.transform[2] < 0.3);
  useEffect(() => useShown.setState({ isFar }), [isFar]);
  const readOnly = useReadOnly();
  const flowId = useEditor((state) => state.flow?.id);
  const isHand = useView((state) => state.hand);
  const isGuided = useShown((state) => state.guides.length > 0);
  const isConnecting = useView((state) => state.connectFrom !== null);
  useOverlay();
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
      setStanding(flowId);
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

  // While it moves it is one sheet that is pushed about; standing still it is painted sharp again.
  const onMoveStart = useCallback(() => box.current?.setAttribute("data-moving", ""), []);
  const onMoveEnd = useCallback(() => box.current?.removeAttribute("data-moving"), []);

  const openPalette = (event: React.MouseEvent) => {
    if (readOnly || !(event.target instanceof Element) || !event.target.closest(".react-flow__pane")) return;
    const screen = screenOf(event);
    const at = flow.screenToFlowPosition(screen);
    useView.getState().openInsert({ screen, canvas: { x: at.x - 110, y: at.y - 28 } });
  };

  const openMenu = useCallback((event: MouseEvent | React.MouseEvent) => {
    event.preventDefault();
    setMenu(screenOf(event));
  }, []);

  const selectForMenu = (event: React.MouseEvent, node: DrawnNode) => {
    const { selection, select } = useEditor.getState();
    if (![...selection.nodes, ...selection.notes].includes(node.id)) select(node.type === "note" ? { notes: [node.id] } : { nodes: [node.id] });
    openMenu(event);
  };

  return (
    <div
      ref={box}
      className={style.canvas}
      data-hand={isHand || undefined}
      data-testid="canvas"
      data-standing={(flowId !== undefined && standing === flowId) || undefined}
      onPointerMove={onMove}
      onPointerLeave={onLeave}
      onDoubleClick={openPalette}
    >
      <ReactFlow<DrawnNode, DrawnEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onMoveStart={onMoveStart}
        onMoveEnd={onMoveEnd}
        onNodeDragStart={(event) => (drag.current.alt = event.altKey)}
        onNodeDrag={(event, _node, dragged) => onDragOver(sceneNow(), dragged, screenOf(event))}
        onNodeDragStop={(event, _node, held) => {
          // Where they are drawn: a line may have taken them from where the hand is.
          const drawn = new Map(useScene.getState().nodes.map((node) => [node.id, node]));
          const dragged = held.map((item) => drawn.get(item.id) ?? item);
          const isMoved = dragged.some((item) => {
            const was = sceneNow().nodes.find((node) => node.id === item.id)?.position;
            return was === undefined || was.x !== item.position.x || was.y !== item.position.y;
          });
          if (isMoved) onDrop(sceneNow(), dragged, drag.current.alt || event.altKey);
          settle();
        }}
        onNodeDoubleClick={(_event, node) => !readOnly && node.type !== "note" && beginNaming(stateNow(), node.id)}
        onNodeContextMenu={selectForMenu}
        onSelectionContextMenu={openMenu}
        onPaneContextMenu={openMenu}
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
        onlyRenderVisibleElements={!isFar || nodes.length > MOST_AT_ONCE}
        minZoom={0.1}
        maxZoom={2}
        panOnScroll={!isHand}
        panOnDrag={isHand || isCoarse() ? true : MIDDLE_BUTTON}
        selectionOnDrag={!isHand && !isCoarse()}
        selectionMode={SelectionMode.Partial}
        zoomOnDoubleClick={false}
        deleteKeyCode={null}
        disableKeyboardA11y
        elevateNodesOnSelect={false}
        elevateEdgesOnSelect={false}
        proOptions={{ hideAttribution: true }}
        aria-label={text("canvas.label")}
      >
        <Dots />
        {nodes.length > 1 && (
          <Suspense>
            <Overview />
          </Suspense>
        )}
        <Pointers />
        {isGuided && (
          <Suspense>
            <Guides />
          </Suspense>
        )}
      </ReactFlow>
      <ZoomBar />
      <Why />
      <Carried />
      <Late isOpen={isConnecting}>
        <ConnectTo />
      </Late>
      <CanvasMenu at={menu} onClose={() => setMenu(null)} />
    </div>
  );
}

export const Canvas = () => (
  <ReactFlowProvider>
    <Drawing />
  </ReactFlowProvider>
);
