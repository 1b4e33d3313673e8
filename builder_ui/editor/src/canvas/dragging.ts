/** Dragging what stands on the canvas: into arrows, into and out of frames, and with Alt out of its chain. */
import type { Operation } from "@/document/operation";
import { labelled, stateNow, labelText } from "@/commands";
import { roomIn } from "@/commands/inserting";
import { canConnect, COMPENSATE, withDescendants } from "@/document/graph";
import { portsOf } from "@/document/catalogue";
import { movesWith } from "@/document/groups";
import { movesOf, type Box } from "@/document/places";
import { edgeKey, nodeOf, portOf, titleOf, type DocumentNode, type FlowDocument, type Position } from "@/document/types";
import { useEditor } from "@/store/editor";
import type { DrawnNode, Scene } from "./drawn";
import { useShown } from "./shown";
import { edgeUnder } from "./under";

const centreOf = (box: Box): Position => ({ x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 44) });
const isIn = (point: Position, box: Box): boolean =>
  point.x > box.x && point.x < box.x + box.width && point.y > box.y && point.y < box.y + box.height;

/** The innermost frame that a place lies in, but for those that are being dragged themselves. */
export function frameAt(scene: Scene, point: Position, except: ReadonlySet<string>): string | null {
  let found: { id: string; z: number } | null = null;
  for (const node of scene.nodes) {
    if (node.type !== "frame" || node.data.isFolded || except.has(node.id)) continue;
    const box = scene.boxes.get(node.id);
    if (box === undefined || !isIn(point, box)) continue;
    if (found === null || (node.zIndex ?? 0) > found.z) found = { id: node.id, z: node.zIndex ?? 0 };
  }
  return found?.id ?? null;
}

const hasArrows = (document: FlowDocument, id: string): boolean => document.edges.some((edge) => edge.from === id || edge.to === id);

/** Whether a node on its own may be put into an arrow: it leads nowhere yet and takes an arrow in. */
export function maySplice(document: FlowDocument, node: DocumentNode, edgeId: string): boolean {
  const edge = document.edges.find((candidate) => edgeKey(candidate) === edgeId);
  if (edge === undefined || portOf(edge) === COMPENSATE || edge.from === node.id || edge.to === node.id) return false;
  if (hasArrows(document, node.id)) return false;
  const parent = nodeOf(document, edge.from)?.parent ?? null;
  // The node may be new: it is asked about as if it stood there already.
  const moved = { ...document, nodes: [...document.nodes.filter((each) => each.id !== node.id), { ...node, parent }] };
  return canConnect(moved, { from: edge.from, to: node.id, port: portOf(edge) }) === null;
}

/** While dragging: show which arrow or frame it would fall into. */
export function onDragOver(scene: Scene, dragged: readonly DrawnNode[], screen: Position): void {
  const { document } = useEditor.getState();
  const moving = new Set(dragged.map((node) => node.id));
  const only = dragged.length === 1 ? dragged[0] : undefined;
  const node = only && nodeOf(document, only.id);
  // Looking what lies under the hand makes the browser lay out the page: only where it can matter.
  const edge = node && only?.type === "card" && !hasArrows(document, node.id) ? edgeUnder(screen) : null;
  const dropEdge = node && edge !== null && maySplice(document, node, edge) ? edge : null;
  const first = dragged.find((item) => item.type !== "note");
  const box = first && { ...first.position, width: first.width ?? 0, height: first.height ?? 0 };
  const frame = box ? frameAt(scene, centreOf(box), withDescendants(document, moving)) : null;
  const home = (first && nodeOf(document, first.id)?.parent) ?? null;
  const dropFrame = frame !== home ? frame : null;
  const shown = useShown.getState();
  if (shown.dropEdge !== dropEdge || shown.dropFrame !== dropFrame) useShown.setState({ dropEdge, dropFrame });
}

const whole = ({ x, y }: Position): Position => ({ x: Math.round(x), y: Math.round(y) });

/** How what is dragged was taken: with Alt at the end of the drag it leaves its chain, with Alt at its beginning a note leaves what lies on it. */
export interface Taken {
  isOut: boolean;
  isAlone: boolean;
}

/** The places that a drag gives: a frame carries what it holds, a note what lies on it unless it was taken alone. */
export function movesOfDrag(document: FlowDocument, scene: Scene, dragged: readonly DrawnNode[], { isAlone }: Pick<Taken, "isAlone">): Record<string, Position> {
  const moves: Record<string, Position> = {};
  for (const item of dragged) {
    const to = item.position;
    if (item.type === "note" && !isAlone) {
      const from = item.data.note.position;
      Object.assign(moves, movesWith(document, { nodes: [], notes: [item.id] }, whole({ x: to.x - from.x, y: to.y - from.y }), scene.boxes));
    }
    const box = scene.boxes.get(item.id);
    if (item.type === "frame" && box) Object.assign(moves, movesOf(document, [item.id], whole({ x: to.x - box.x, y: to.y - box.y })));
  }
  for (const item of dragged) if (item.type !== "frame") moves[item.id] = whole(item.position);
  return moves;
}

/** At the end of a drag: one undo step with all that it meant. */
export function onDrop(scene: Scene, dragged: readonly DrawnNode[], taken: Taken): void {
  const { dropEdge } = useShown.getState();
  useShown.setState({ dropEdge: null, dropFrame: null });
  const { document, catalogue, dispatch } = useEditor.getState();
  const positions = movesOfDrag(document, scene, dragged, taken);
  const ids = dragged.filter((item) => item.type !== "note").map((item) => item.id);
  const operations: Operation[] = taken.isOut && ids.length > 0 ? [{ kind: "detach", nodes: ids }] : [];
  const only = ids.length === 1 ? nodeOf(document, ids[0] ?? "") : undefined;
  let label = labelled("commands.edit.move", { count: dragged.length });
  if (taken.isOut && ids.length > 0) label = labelled("commands.edit.detach", { count: ids.length });
  if (only && dropEdge !== null) {
    const port = portsOf(catalogue.get(only.type), only.config)[0] ?? "out";
    const room = roomIn(stateNow(), dropEdge, positions[only.id] ?? { x: 0, y: 0 });
    const moves = { ...room.moves, [only.id]: room.position };
    operations.push({ kind: "splice", edge: dropEdge, node: only.id, port }, { kind: "move", positions: moves });
    label = labelled("commands.edit.splice", { what: titleOf(only) });
  } else {
    const homed = homing(document, scene, dragged, positions);
    operations.push(...homed.operations, { kind: "move", positions });
    label = homed.label ?? label;
  }
  dispatch(operations, label);
  stateNow().view.say({ key: "commands.edit.move", params: { count: dragged.length, what: labelText(label) } });
}

/** Operations that take nodes into the frame they fell in, or out of the one they left. */
function homing(document: FlowDocument, scene: Scene, dragged: readonly DrawnNode[], positions: Record<string, Position>) {
  const moving = withDescendants(document, dragged.map((item) => item.id));
  const operations: Operation[] = [];
  let label: ReturnType<typeof labelled> | null = null;
  for (const item of dragged) {
    const node = nodeOf(document, item.id);
    if (node === undefined || item.type === "note" || (node.parent != null && moving.has(node.parent))) continue;
    const box = { ...(positions[item.id] ?? item.position), width: item.width ?? 0, height: item.height ?? 0 };
    const home = frameAt(scene, centreOf(box), moving);
    if (home === (node.parent ?? null)) continue;
    operations.push({ kind: "set_parent", nodes: [item.id], parent: home, positions: {} });
    const frame = home === null ? undefined : nodeOf(document, home);
    label = frame ? labelled("commands.edit.moveInto", { what: titleOf(frame) }) : labelled("commands.edit.moveOut");
  }
  return { operations, label };
}
