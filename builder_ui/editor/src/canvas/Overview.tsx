import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, type PointerEvent } from "react";
import { useText } from "@/i18n";
import { colorsOf, draw, extentOf, insideOf, SIZE, type Colors, type Extent } from "./small";
import { useMoving } from "./moving";
import { useScene } from "./scene";
import { useShown } from "./shown";
import style from "./Canvas.module.css";

/** Milliseconds between two paintings: while a card is dragged or a run streams, something changes in every frame. */
const PACE = 160;

/**
 * The whole flow in small, in a run with the colours of the statuses. It is painted when something on it changed; the
 * window that is seen is a frame that moves over it, so that going about draws nothing.
 */
export function Overview() {
  const text = useText();
  const flow = useReactFlow();
  const store = useStoreApi();
  const box = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLElement>(null);
  const extent = useRef<Extent | null>(null);
  const scheme = useComputedColorScheme();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    let colors: Colors | null = null;
    const paint = (): void => {
      timer = undefined;
      const { nodes } = useScene.getState();
      extent.current = extentOf(nodes);
      if (sheet.current !== null) draw(sheet.current, nodes, useShown.getState().overlay, extent.current, (colors ??= colorsOf(sheet.current)));
      follow();
    };
    const follow = (): void => {
      const { width, height } = store.getState();
      const { current } = seen;
      if (current === null || extent.current === null) return;
      const { x, y, w, h } = insideOf(extent.current, useMoving.getState(), width, height);
      current.style.transform = `translate(${x}px, ${y}px)`;
      if (current.style.width !== `${w}px` || current.style.height !== `${h}px`) Object.assign(current.style, { width: `${w}px`, height: `${h}px` });
    };
    const soon = (): void => {
      timer ??= setTimeout(() => (frame = requestAnimationFrame(paint)), PACE);
    };
    paint();
    // Once more when the page has taken on the colours of its theme.
    frame = requestAnimationFrame(() => {
      colors = null;
      paint();
    });
    const ends = [
      useScene.subscribe(({ nodes }, before) => nodes !== before.nodes && soon()),
      useShown.subscribe(({ overlay }, before) => overlay !== before.overlay && soon()),
      useMoving.subscribe(follow),
      store.subscribe((state, before) => (state.width !== before.width || state.height !== before.height) && follow()),
    ];
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      ends.forEach((end) => end());
    };
    // Another theme has other colours.
  }, [store, scheme]);

  useEffect(() => {
    const { current } = box;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      event.stopPropagation();
      void flow.zoomTo(flow.getZoom() * Math.exp(-event.deltaY / 400));
    };
    // React listens to wheels without a right to stop them.
    current?.addEventListener("wheel", turn, { passive: false });
    return () => current?.removeEventListener("wheel", turn);
  }, [flow]);

  const go = (event: PointerEvent<HTMLDivElement>): void => {
    const { current } = extent;
    if (current === null) return;
    const place = event.currentTarget.getBoundingClientRect();
    void flow.setCenter(current.x + (event.clientX - place.left) / current.scale, current.y + (event.clientY - place.top) / current.scale, { zoom: flow.getZoom() });
  };

  return (
    <div
      ref={box}
      className={`${style.overview} nopan nowheel`}
      style={SIZE}
      role="img"
      aria-label={text("canvas.minimap")}
      data-testid="overview"
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
      }}
    >
      <canvas ref={sheet} />
      <i ref={seen} />
    </div>
  );
}
