/** Gives the graph library what stands on the canvas, past React: what moves draws itself and nothing else. It decides when that is looked at anew. */
import type { useStoreApi } from "@xyflow/react";
import type { Box } from "@/document/places";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { isZoomingNow, useMoving } from "./moving";
import { useScene } from "./scene";
import { useShown } from "./shown";
import { castOf, nextStanding, nextTurned, PARTS } from "./staging";

type Store = ReturnType<typeof useStoreApi<DrawnNode, DrawnEdge>>;

/** Below this zoom nobody reads. */
const FAR = 0.3;
/** A movement by less than this part of the view shows nothing that the margin doesn't have. */
const LITTLE = 1 / 32;

/**
 * While cards are put up they come in every so many frames, and their arrows with every so many of these groups: at each the
 * library looks at all that stand. From afar many stand, and one is soon put up.
 */
const PACE = { near: { frames: 1, arrows: 4 }, far: { frames: 4, arrows: 2 } } as const;

const isAlike = <T>(one: readonly T[], other: readonly T[]): boolean => one.length === other.length && one.every((each, at) => each === other[at]);
const isLittle = (one: Box, other: Box): boolean =>
  one.width === other.width && one.height === other.height && Math.abs(one.x - other.x) < one.width * LITTLE && Math.abs(one.y - other.y) < one.height * LITTLE;

/** Sizes and ports are known from the document: the graph library need not measure each card that is put up, and lay out the page for it. */
export const measureNothing = (store: Store): void => store.setState({ updateNodeInternals: () => undefined });

/** Keep it so until what is answered is called. */
export function keepStaged(store: Store): () => void {
  let standing: ReadonlySet<string> = new Set();
  let looked: Box | null = null;
  let frame = 0;
  let turn = 0;
  /** Zoomed, and what came into view by that does not stand yet. */
  let isZoomed = false;

  const viewNow = (): Box => {
    const { width, height } = store.getState();
    const { x, y, zoom } = useMoving.getState();
    return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
  };

  const stepIn = (frames: number): void => {
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (frames > 1) stepIn(frames - 1);
      else step(false);
    });
  };
  const step = (isEdited: boolean): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    const { nodes, scene } = useScene.getState();
    const view = viewNow();
    const isFar = useMoving.getState().zoom < FAR;
    const pace = PACE[isFar ? "far" : "near"];
    if (useShown.getState().isFar !== isFar) useShown.setState({ isFar });
    const { turned } = useShown.getState();
    // Cards turn into shapes before more come, and shapes into cards when those that go are gone: so few as can be are drawn as cards.
    const isTurning = turned !== (isFar ? PARTS : 0);
    const next = isFar && isTurning ? { standing, isDone: false, isCleared: true } : nextStanding(standing, nodes, { view, isFar, isZoomed });
    if (isTurning && next.isCleared) useShown.setState({ turned: nextTurned(turned, isFar) });
    standing = next.standing;
    if (next.isDone) isZoomed = false;
    looked = view;
    const cast = castOf(standing, nodes, scene.edges, view);
    const { nodes: givenNodes, edges: givenEdges, setNodes, setEdges } = store.getState();
    if (!isAlike(givenNodes, cast.nodes)) setNodes(cast.nodes);
    turn += 1;
    if ((isEdited || next.isDone || turn % pace.arrows === 0) && !isAlike(givenEdges, cast.edges)) setEdges(cast.edges);
    if (isTurning) stepIn(1);
    else if (!next.isDone) stepIn(pace.frames);
  };

  const look = (): void => {
    if (looked !== null && isLittle(looked, viewNow())) return;
    isZoomed ||= isZoomingNow();
    // What comes by zooming comes in frames of their own.
    if (!isZoomingNow()) step(false);
    else if (frame === 0) stepIn(1);
  };

  step(true);
  const ends = [
    useScene.subscribe(({ nodes, scene }, before) => (nodes !== before.nodes || scene !== before.scene) && step(true)),
    useMoving.subscribe(look),
    store.subscribe(({ width, height }, before) => (width !== before.width || height !== before.height) && look()),
  ];
  return () => {
    cancelAnimationFrame(frame);
    ends.forEach((end) => end());
  };
}
