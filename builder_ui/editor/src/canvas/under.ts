/** What lies under a place of the screen. */
import type { Position } from "@/document/types";

function closestAt({ x, y }: Position, selector: string, except?: ReadonlySet<string>): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const id = element.closest<HTMLElement | SVGElement>(selector)?.dataset.id;
    if (id !== undefined && !except?.has(id)) return id;
  }
  return null;
}

export const nodeUnder = (screen: Position, except?: ReadonlySet<string>): string | null =>
  closestAt(screen, ".react-flow__node:not(.react-flow__node-note)", except);

export const edgeUnder = (screen: Position): string | null => closestAt(screen, ".react-flow__edge");

/** Where a mouse or a finger is. */
export function screenOf(event: MouseEvent | TouchEvent | React.MouseEvent | React.TouchEvent): Position {
  if ("clientX" in event) return { x: event.clientX, y: event.clientY };
  const touch = event.changedTouches[0] ?? event.touches[0];
  return touch === undefined ? { x: 0, y: 0 } : { x: touch.clientX, y: touch.clientY };
}
