/** The way of a line from a card that is read to the card that reads it, past both and what stands between them. Pure. */
import type { Box } from "@/document/places";

const LEAST = 48;

/** Over the cards; around their right side where one stands below the other, for there the way over would lead through them. */
export function arcOf(from: Box, to: Box): { line: string; tip: string } {
  const [x1, x2] = [from.x + from.width / 2, to.x + to.width / 2];
  const isAbove = Math.abs(x2 - x1) < (from.width + to.width) / 2;
  if (!isAbove) {
    const lift = Math.max(LEAST, Math.abs(x2 - x1) / 5);
    return {
      line: `M${x1} ${from.y} C${x1} ${from.y - lift} ${x2} ${to.y - lift} ${x2} ${to.y - 3}`,
      tip: `M${x2} ${to.y - 1} l-5 -9 h10 z`,
    };
  }
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  const [right, end] = [from.x + from.width, to.x + to.width];
  const out = Math.max(right, end) + Math.max(LEAST, Math.abs(y2 - y1) / 5);
  return { line: `M${right} ${y1} C${out} ${y1} ${out} ${y2} ${end + 3} ${y2}`, tip: `M${end + 1} ${y2} l9 -5 v10 z` };
}
