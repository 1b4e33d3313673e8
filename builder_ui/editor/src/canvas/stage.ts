/** Gives the graph library what stands on the canvas, past React: what moves draws itself and nothing else. It decides when that is looked at anew, and how much of a frame it may take. */
import type { useStoreApi, Viewport } from "@xyflow/react";
import { flushSync } from "react-dom";
import type { Box } from "@/document/places";
import type { Position } from "@/document/types";
import { useEditor } from "@/store/editor";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { focusedCard } from "./focusing";
import { inFrames } from "./frames";
import { lassoBegins, lassoEnds, lassoTakes } from "./lasso";
import { isSteppingNow, isZoomingNow, useMoving } from "./moving";
import { useScene } from "./scene";
import { useBeneath, useShown } from "./shown";
import { arrowsOf, cardAt, castOf, formAt, heldOf, isFarAt, lassoed, nextOf, paceOf, planOf, SMALL, type Plan, type Standing } from "./staging";
import { screenOf } from "./under";

type Store = ReturnType<typeof useStoreApi<DrawnNode, DrawnEdge>>;

/** A movement by less than this part of the view shows nothing that the margin doesn't have. */
const LITTLE = 1 / 32;
/** Milliseconds without a movement that are a rest. */
const REST = 150;
/** Milliseconds of a frame that putting up and taking down may take; also at rest a run may stream meanwhile, and has the other half. */
const BUDGET = { moving: 4, resting: 8 } as const;
/** Whatever comes, the browser paints all of the sheet's list anew: while it moves that is only in every so many frames. */
const PACE = 3;
/** Of the arrows of what is held so many are put up in the frame in which it is taken. */
const AT_ONCE = 200;

const isAlike = <T>(one: readonly T[], other: readonly T[]): boolean => one.length === other.length && one.every((each, at) => each === other[at]);
const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => one === other || (one.size === other.size && [...one].every((each) => other.has(each)));
const isLittle = (one: Box, other: Box): boolean =>
  one.width === other.width && one.height === other.height && Math.abs(one.x - other.x) < one.width * LITTLE && Math.abs(one.y - other.y) < one.height * LITTLE;

/** Sizes and ports are known from the document: the graph library need not measure each card that is put up, and lay out the page for it. */
export const measureNothing = (store: Store): void => store.setState({ updateNodeInternals: () => undefined });

/** The nodes that are drawn as elements which tell how they stand in a run: no shapes, and none that only lend an arrow their place. */
export const standingOn = (store: Store) => (): string[] =>
  store.getState().nodes.flatMap((node) => (node.hidden === true || ("isShape" in node.data && node.data.isShape === true) ? [] : [node.id]));

/** Keep it so until what is answered is called. */
export function keepStaged(store: Store): () => void {
  let standing: Standing = new Map();
  let arrows: ReadonlySet<string> = new Set();
  /** What has been drawn before, of which flow: what is new, and all of a flow that is opened, stands at once. */
  let known: ReadonlySet<string> = new Set();
  let opened: string | undefined;
  let isFresh = true;
  let isSettled = false;
  let looked: Box | null = null;
  let pointed: Position | null = null;
  /** Until a rest; `isWidening`: by zooming out. */
  let isMoving = false;
  let isWidening = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const paces = { card: paceOf(2), shape: paceOf(0.3), arrows: paceOf(0.5), leaving: paceOf(0.2) };

  const viewNow = (): Box => {
    const { width, height } = store.getState();
    const { x, y, zoom } = useMoving.getState();
    return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
  };
  const isFarNow = (): boolean => isFarAt(useMoving.getState().zoom);
  /** While it is zoomed what lies beneath is painted in full size, and as from afar it is less to paint. */
  const tellFar = (): void => {
    const isFar = isZoomingNow() || isFarNow();
    if (useShown.getState().isFar !== isFar) useShown.setState({ isFar });
  };
  /** While a hand goes about from afar, or shows more by zooming, nothing comes: its silhouette is there. */
  const budgetNow = (): number => (!isMoving ? BUDGET.resting : isFarNow() || isWidening ? 0 : BUDGET.moving);
  const underPointer = (): string | null => {
    const box = pointed === null ? undefined : store.getState().domNode?.getBoundingClientRect();
    if (pointed === null || box === undefined) return null;
    const { x, y, zoom } = useMoving.getState();
    return cardAt(useScene.getState().nodes, (pointed.x - box.left - x) / zoom, (pointed.y - box.top - y) / zoom);
  };

  /** Tell the library, and what lies beneath, how it stands now. */
  const give = (): void => {
    const { nodes, edges, scene } = useScene.getState();
    const isFar = isFarNow();
    const held = heldOf(nodes, scene.nodes);
    const cast = castOf(standing, arrows, nodes, edges, isFar);
    const { nodes: givenNodes, edges: givenEdges, setNodes, setEdges } = store.getState();
    if (!isAlike(givenNodes, cast.nodes)) setNodes(cast.nodes);
    if (!isAlike(givenEdges, cast.edges)) setEdges(cast.edges);
    const beneath = useBeneath.getState();
    const isNeeded = isFar || nodes.length > SMALL || arrows.size < scene.edges.length || [...standing.values()].includes("shape");
    const next = { isNeeded, held: isSame(beneath.held, held) ? beneath.held : held, arrows: isSame(beneath.arrows, arrows) ? beneath.arrows : arrows };
    if (next.isNeeded !== beneath.isNeeded || next.held !== beneath.held || next.arrows !== beneath.arrows) useBeneath.setState(next);
  };
  /** As long as it takes, which is what there is to learn from. */
  const timed = (): number => {
    const began = performance.now();
    flushSync(give);
    return performance.now() - began;
  };

  const planNow = (first: string | null = null): Plan => {
    const view = viewNow();
    looked = view;
    const plan = planOf(standing, useScene.getState().nodes, { view, isFar: isFarNow(), first, focused: focusedCard() });
    standing = plan.standing;
    return plan;
  };
  const putUp = (ids: readonly string[]): void => {
    const form = formAt(isFarNow());
    standing = new Map([...standing, ...ids.map((id) => [id, form] as const)]);
  };
  const takeDown = (leaving: readonly string[]): void => {
    const gone = new Set(leaving);
    standing = new Map([...standing].filter(([id]) => !gone.has(id)));
  };

  /** The document, the selection or what is held changed: what is new is there at once, as is all of a flow that is opened. */
  const edit = (): void => {
    const { nodes, scene } = useScene.getState();
    const flow = useEditor.getState().flow?.id;
    if (flow !== opened) [opened, isFresh] = [flow, true];
    const isFar = isFarNow();
    const isNew = (id: string): boolean => isFresh || !known.has(id);
    const plan = planNow();
    const come = plan.coming.filter(({ id, isSeen }) => isNew(id) && (nodes.length <= SMALL || (isSeen && !isFar)));
    putUp(come.map(({ id }) => id));
    const held = heldOf(nodes, scene.nodes);
    const ends = held.size === 0 ? NONE : new Set(scene.edges.flatMap(({ id, source, target }) => (held.has(source) || held.has(target) ? [id] : [])));
    // At the edge it is told where the hand is while the view goes on: others come when it rests, as when it is panned.
    const wanted = isMoving && held.size > 0 ? [...new Set([...arrows, ...ends])] : arrowsOf(nodes, scene.edges, { view: viewNow(), isFar }, held);
    const urgent = wanted.filter((id) => !arrows.has(id) && (ends.has(id) || (!isFar && isNew(id)))).slice(0, AT_ONCE);
    arrows = new Set([...wanted.filter((id) => arrows.has(id)), ...urgent]);
    if (held.size === 0) known = new Set([...nodes.map((node) => node.id), ...scene.edges.map((edge) => edge.id)]);
    give();
    isSettled = come.length === plan.coming.length && plan.leaving.length === 0 && arrows.size === wanted.length;
    if (!isSettled) soon();
  };

  /** One frame: what matters most of what is missing, as much of it as there is time for. */
  const step = (): void => {
    const budget = budgetNow();
    if (budget === 0) return;
    const { nodes, scene } = useScene.getState();
    const isFar = isFarNow();
    const plan = planNow(underPointer());
    const wanted = isMoving ? [...arrows] : arrowsOf(nodes, scene.edges, { view: viewNow(), isFar }, heldOf(nodes, scene.nodes));
    const stay = wanted.filter((id) => arrows.has(id));
    const missing = wanted.filter((id) => !arrows.has(id));
    const work = nextOf(plan, { missing, isOver: stay.length < arrows.size }, { isFar, isMoving });
    if (work === null) {
      isSettled = !isMoving;
      if (isSettled) give();
      return;
    }
    const pace = paces[work.kind];
    const ids = work.ids.slice(0, pace.most(budget));
    if (work.kind === "arrows") arrows = new Set([...stay, ...ids]);
    else if (work.kind === "leaving") takeDown(ids);
    else putUp(ids);
    const took = timed();
    pace.took(took, ids.length);
    // What took more than it should is paid for by frames in which nothing comes.
    later.wait(Math.max(isMoving ? PACE : 1, Math.ceil(took / budget)));
  };
  const later = inFrames(step);
  const soon = (): void => {
    if (!later.isAsked()) later.wait(1);
  };
  const unsettle = (): void => {
    isSettled = false;
    soon();
  };

  const rest = (): void => {
    isMoving = false;
    clearTimeout(timer);
    unsettle();
  };
  const move = (view: Viewport, before: Viewport): void => {
    const wasMoving = isMoving;
    isMoving = isSteppingNow();
    tellFar();
    if (isFresh) {
      // Where it is opened all of it is new once more.
      isFresh = known.size === 0;
      known = NONE;
      return edit();
    }
    if (wasMoving && !isMoving) return rest();
    isSettled = false;
    isWidening = view.zoom < before.zoom;
    clearTimeout(timer);
    if (isMoving) timer = setTimeout(rest, REST);
    if (budgetNow() > 0 && (looked === null || !isLittle(looked, viewNow()))) soon();
  };

  /** What is pointed at stands: whoever presses there takes hold of it. */
  const standUnderPointer = (): void => {
    const id = isSettled ? null : underPointer();
    if (id === null || standing.get(id) === formAt(isFarNow())) return;
    putUp([id]);
    flushSync(give);
  };
  const point = (event: PointerEvent | WheelEvent): void => {
    const before = pointed;
    pointed = screenOf(event);
    const isPointing = event.type === "pointermove" && event.buttons === 0 && (before?.x !== pointed.x || before.y !== pointed.y);
    if (isPointing) standUnderPointer();
  };
  const press = (event: PointerEvent): void => {
    pointed = screenOf(event);
    if (isMoving) rest();
    standUnderPointer();
  };
  /** A lasso takes what does not stand as well. */
  const complete = (rect: { x: number; y: number; width: number; height: number }): void => {
    const { nodes, scene } = useScene.getState();
    const { x, y, zoom } = useMoving.getState();
    const around = { x: (rect.x - x) / zoom, y: (rect.y - y) / zoom, width: rect.width / zoom, height: rect.height / zoom };
    useEditor.getState().select(lassoTakes(lassoed(around, nodes, scene.edges)));
  };

  tellFar();
  edit();
  const canvas = store.getState().domNode;
  const passive = { capture: true, passive: true };
  canvas?.addEventListener("pointermove", point, passive);
  canvas?.addEventListener("wheel", point, passive);
  canvas?.addEventListener("pointerdown", press, passive);
  const ends = [
    useScene.subscribe(({ nodes, edges }, before) => (nodes !== before.nodes || edges !== before.edges) && edit()),
    useMoving.subscribe(move),
    store.subscribe(({ width, height, userSelectionRect, userSelectionActive, multiSelectionActive }, before) => {
      if (before.userSelectionRect === null && userSelectionRect !== null) lassoBegins(multiSelectionActive);
      if (width !== before.width || height !== before.height) unsettle();
      const isLassoed = before.userSelectionActive && !userSelectionActive && userSelectionRect === null;
      if (isLassoed && before.userSelectionRect !== null && (isFarNow() || !isSettled)) complete(before.userSelectionRect);
      if (userSelectionRect === null) lassoEnds();
    }),
  ];
  return () => {
    later.cancel();
    clearTimeout(timer);
    canvas?.removeEventListener("pointermove", point, passive);
    canvas?.removeEventListener("wheel", point, passive);
    canvas?.removeEventListener("pointerdown", press, passive);
    ends.forEach((end) => end());
    useBeneath.setState({ isNeeded: false, held: NONE, arrows: NONE });
  };
}

const NONE: ReadonlySet<string> = new Set();
