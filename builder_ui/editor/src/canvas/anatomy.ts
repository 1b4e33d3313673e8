/** The anatomy of a card: where its ports are and how high it must be for them. */
import type { NodeType } from "@/api/types";
import { outgoingPorts } from "@/document/catalogue";
import { COMPENSATE } from "@/document/graph";
import { CARD, type Size } from "@/document/places";
import type { DocumentNode } from "@/document/types";

export const PORT = { size: 11, first: 28, step: 26 } as const;

export interface CardPorts {
  hasEntry: boolean;
  /** An undo node is entered from above. */
  isUndo: boolean;
  outgoing: string[];
  /** The port below the card that names its undo, and whether it does. */
  canUndo: boolean;
  hasUndo: boolean;
}

export const UNDO_ENTRY = "undo";
export const ENTRY = "in";

/** `used` are the ports that arrows leave from: one that the type no longer has is still shown, so that its arrow can be mended. */
export function portsOfCard(node: DocumentNode, type: NodeType | undefined, used: ReadonlySet<string>, isUndo: boolean): CardPorts {
  const isTrigger = type?.role === "trigger" || node.type.startsWith("trigger.");
  return {
    hasEntry: !isTrigger && !isUndo,
    isUndo,
    outgoing: [...new Set([...(type === undefined && used.size > 0 ? [] : outgoingPorts(node, type)), ...used])].filter((port) => port !== COMPENSATE),
    canUndo: !isTrigger && !isUndo,
    hasUndo: used.has(COMPENSATE),
  };
}

/** High enough for its ports; always a multiple of the grid. */
export function sizeOfCard(ports: CardPorts): Size {
  const needed = PORT.first + PORT.step * Math.max(0, ports.outgoing.length - 1) + 20;
  return { width: CARD.width, height: Math.max(CARD.height, Math.ceil(needed / 8) * 8) };
}

export const portTop = (index: number): number => PORT.first + PORT.step * index;
