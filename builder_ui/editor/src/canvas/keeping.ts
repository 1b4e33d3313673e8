/** Keeps in view what is seen of the flow as the room for it changes: a drawer opens below it, a pane beside it. */
import type { Viewport } from "@xyflow/react";
import type { Box, Size } from "@/document/places";
import type { Flow } from "./handle";
import { useScene } from "./scene";

/** Pixels that are left free around what is kept in view: buttons stand there. */
const MARGIN = 48;

/** Where one last looked by oneself, and in how much room. */
export interface Look {
  viewport: Viewport;
  size: Size;
}

interface Span {
  from: number;
  to: number;
}

/** A card, and whether it is selected. */
export type Seen = Box & { selected?: boolean };

/**
 * The viewport for the room there is now. What is in the middle stays there, as far as every card that was seen whole
 * is still seen; where there is no room for all of them it is those selected, else where the flow begins.
 */
export function keptInView({ viewport, size }: Look, now: Size, cards: readonly Seen[]): Viewport {
  const { x, y, zoom } = viewport;
  const across = cards.map((card): Span => ({ from: card.x * zoom + x, to: (card.x + card.width) * zoom + x }));
  const down = cards.map((card): Span => ({ from: card.y * zoom + y, to: (card.y + card.height) * zoom + y }));
  const isWithin = (span: Span | undefined, room: number): boolean => span !== undefined && span.from >= 0 && span.to <= room;
  const whole = cards.map((_, at) => at).filter((at) => isWithin(across[at], size.width) && isWithin(down[at], size.height));
  const chosen = whole.filter((at) => cards[at]?.selected === true);
  const by = (spans: Span[], was: number, room: number): number => moved(spanOf(spans, whole), spanOf(spans, chosen), was, room);
  return { x: x + by(across, size.width, now.width), y: y + by(down, size.height, now.height), zoom };
}

function spanOf(spans: readonly Span[], which: readonly number[]): Span | null {
  const found = which.flatMap((at) => spans[at] ?? []);
  return found.length === 0 ? null : { from: Math.min(...found.map(({ from }) => from)), to: Math.max(...found.map(({ to }) => to)) };
}

function moved(all: Span | null, chosen: Span | null, was: number, room: number): number {
  const middle = (room - was) / 2;
  const kept = all !== null && chosen !== null && all.to - all.from > room - 2 * MARGIN ? chosen : all;
  if (kept === null) return middle;
  // What stood nearer to the rim than the margin may stay as near.
  const least = Math.min(MARGIN, kept.from) - kept.from;
  const most = room - Math.min(MARGIN, was - kept.to) - kept.to;
  return Math.max(least, Math.min(middle, most));
}

const same = (one: Viewport, other: Viewport): boolean =>
  Math.abs(one.x - other.x) < 0.5 && Math.abs(one.y - other.y) < 0.5 && one.zoom === other.zoom;

/** Keep what is seen in view as the canvas's box changes; as it comes back, so does the view. Answers with how to stop. */
export function keepInView(flow: Flow, box: HTMLElement): () => void {
  const sizeNow = (): Size => ({ width: box.clientWidth, height: box.clientHeight });
  let size = sizeNow();
  let look: Look | null = null;
  let went: Viewport | null = null;
  const observer = new ResizeObserver(() => {
    const now = sizeNow();
    if (now.width === size.width && now.height === size.height) return;
    const viewport = flow.getViewport();
    if (look === null || went === null || !same(viewport, went)) look = { viewport, size };
    const { nodes } = useScene.getState().scene;
    went = keptInView(look, now, nodes.map(({ position, width = 0, height = 0, selected = false }) => ({ ...position, width, height, selected })));
    if (!same(viewport, went)) void flow.setViewport(went);
    size = now;
  });
  observer.observe(box);
  return () => observer.disconnect();
}
