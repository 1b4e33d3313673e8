/** What a canvas of cards in rows is given: its cards and arrows, by their numbers. */
import type { DrawnEdge, DrawnNode } from "./drawn";

/** The cards of a canvas whose rows have this many. */
export const cardOf = (wide: number) => (at: number): DrawnNode => ({
  id: `n${at}`,
  type: "card",
  position: { x: 280 * (at % wide), y: 128 * Math.floor(at / wide) },
  width: 220,
  height: 88,
  data: { node: { id: `n${at}`, type: "log" }, ports: { hasEntry: true, isUndo: false, outgoing: ["out"], canUndo: true, hasUndo: false } },
});

export const arrow = (from: number, to: number): DrawnEdge => ({ id: `n${from}>n${to}`, type: "arrow", source: `n${from}`, target: `n${to}`, data: { edge: { from: `n${from}`, to: `n${to}` }, from: `n${from}`, to: `n${to}` } });
