/** What is dragged, taken onto the lines of its neighbours where it is nearly there. */
import type { NodeChange } from "@xyflow/react";
import { guided, NOT_GUIDED } from "@/document/align";
import { GRID, type Box } from "@/document/places";
import { nodeOf, type FlowDocument } from "@/document/types";
import type { DrawnNode } from "./drawn";
import { useGuides } from "./shown";

/** As far as the next square of the grid, and no farther. */
const REACH = GRID / 2;

/** The changes of a drag, moved onto the lines; the lines are shown. Other changes stay as they are. `led`: what is dragged, and all that goes along. */
export function onLines(changes: NodeChange<DrawnNode>[], nodes: readonly DrawnNode[], document: FlowDocument, led: ReadonlySet<string>): NodeChange<DrawnNode>[] {
  const places = new Map(changes.flatMap((change) => (change.type === "position" && change.position ? [[change.id, change.position] as const] : [])));
  if (places.size === 0) return changes;
  const moving = boxOf(nodes.filter((node) => places.has(node.id)).map((node) => sized(node, places.get(node.id))));
  const { by, guides } = moving === null ? NOT_GUIDED : guided(moving, standingOnce(nodes, led, document), REACH);
  if (guides.length + useGuides.getState().guides.length > 0) useGuides.setState({ guides });
  if (by.x === 0 && by.y === 0) return changes;
  return changes.map((change) =>
    change.type === "position" && change.position ? { ...change, position: { x: change.position.x + by.x, y: change.position.y + by.y } } : change,
  );
}

const sized = ({ width = 0, height = 0, position }: DrawnNode, { x, y } = position): Box => ({ x, y, width, height });

function boxOf(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const [right, bottom] = [Math.max(...boxes.map((box) => box.x + box.width)), Math.max(...boxes.map((box) => box.y + box.height))];
  return { x, y, width: right - x, height: bottom - y };
}

let stood: { nodes: readonly DrawnNode[]; led: ReadonlySet<string>; boxes: Box[] } | null = null;

/** The same as below, found once for many steps of a drag. */
function standingOnce(nodes: readonly DrawnNode[], led: ReadonlySet<string>, document: FlowDocument): Box[] {
  if (stood?.nodes !== nodes || stood.led !== led) stood = { nodes, led, boxes: standing(nodes, led, document) };
  return stood.boxes;
}

/** What stands still: neither dragged nor carried along, nor a frame around what is dragged, whose edges move with it. */
function standing(nodes: readonly DrawnNode[], led: ReadonlySet<string>, document: FlowDocument): Box[] {
  const moving = new Set(led);
  for (const id of led) {
    for (let parent = nodeOf(document, id)?.parent ?? null; parent !== null && !moving.has(parent); parent = nodeOf(document, parent)?.parent ?? null) moving.add(parent);
  }
  return nodes.filter((node) => !moving.has(node.id)).map((node) => sized(node));
}
