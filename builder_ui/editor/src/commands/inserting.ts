/** Putting a new node on the canvas: named, placed, and wired to where it was asked for. */
import type { NodeType } from "@/api/types";
import { portsOf } from "@/document/catalogue";
import { canConnect, COMPENSATE, reachable } from "@/document/graph";
import { freeId, idsOf } from "@/document/ids";
import type { Operation } from "@/document/operation";
import { CARD, freePlace, GAP, movesOf, snapped, type Box } from "@/document/places";
import { edgeKey, nodeOf, portOf, type DocumentNode, type FlowDocument, type JsonObject, type Position } from "@/document/types";
import type { InsertAt } from "@/store/view";
import type { State } from "./command";
import { boxes, mayEdit, onlyNode } from "./editing";
import { labelled } from "./label";

/** Whether a node type may be chosen there: nothing leads to a trigger, which stands in no frame, and from what has no port nothing leads on. */
export const fitsAt = (type: NodeType, at: Pick<InsertAt, "from" | "edge" | "to" | "parent" | "unwired">): boolean =>
  at.to !== undefined ? portsOf(type).length > 0 && (type.role !== "trigger" || at.parent == null) : type.role !== "trigger" || (at.edge === undefined && (at.from === undefined || at.unwired !== undefined));

function startConfig(type: NodeType): JsonObject {
  const { properties = {}, required = [] } = type.schema;
  // Only what the form needs from the first moment; everything else keeps its default by being absent.
  return Object.fromEntries(
    required.flatMap((name) => {
      const value = properties[name]?.default;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const newNode = (state: State, type: NodeType, position: Position, parent: string | null, config: JsonObject): DocumentNode => ({
  id: freeId(type.name.slice(type.name.lastIndexOf(".") + 1), idsOf(state.editor.document)),
  type: type.name,
  label: type.label,
  position: snapped(position),
  config: { ...startConfig(type), ...config },
  ...(parent === null ? {} : { parent }),
});

/** Where a node goes that is wired to another: to its right, below what stands there already. */
export function placeAfter(state: State, id: string): Position {
  const all = boxes(state);
  const box = all.get(id);
  const parent = nodeOf(state.editor.document, id)?.parent ?? null;
  if (box === undefined) return { x: 0, y: 0 };
  return freePlace({ x: box.x + box.width + GAP.x, y: box.y }, inTheWay(state, parent));
}

/** What a node inside `parent` must not cover: all but the containers around it. */
function inTheWay(state: State, parent: string | null): Box[] {
  const around = new Set<string>();
  for (let id = parent; id !== null && !around.has(id); id = nodeOf(state.editor.document, id)?.parent ?? null) around.add(id);
  return [...boxes(state)].filter(([id]) => !around.has(id)).map(([, box]) => box);
}

/** The selection's node that a new one is wired to, with its first port that leads nowhere yet. */
export function wiringFrom(state: State): { node: string; port: string } | undefined {
  const node = onlyNode(state);
  if (node === null) return undefined;
  const ports = portsOf(state.editor.catalogue.get(node.type), node.config);
  const used = new Set(state.editor.document.edges.filter((edge) => edge.from === node.id).map((edge) => edge.port ?? "out"));
  const port = ports.find((name) => !used.has(name)) ?? ports[0];
  return port === undefined ? undefined : { node: node.id, port };
}

/** The one port of the whole flow that leads nowhere yet; none where there are several, where a choice would be a guess. */
function onlyEnd({ editor: { document, catalogue } }: State): { node: string; port: string } | undefined {
  const used = new Set(document.edges.map((edge) => `${edge.from}:${portOf(edge)}`));
  const undoing = new Set(document.edges.filter((edge) => portOf(edge) === COMPENSATE).map((edge) => edge.to));
  const ends = document.nodes
    .filter((node) => node.parent == null && !undoing.has(node.id))
    .flatMap((node) => portsOf(catalogue.get(node.type), node.config).map((port) => ({ node: node.id, port })))
    .filter(({ node, port }) => !used.has(`${node}:${port}`));
  return ends.length === 1 ? ends[0] : undefined;
}

/** Where a node goes that was given no place: behind the selection; behind the only end where nothing is selected; else to `free`. */
export function placeFor(state: State, free: Position): Omit<InsertAt, "screen"> {
  const selected = wiringFrom(state);
  if (selected !== undefined) return { canvas: placeAfter(state, selected.node), from: selected };
  const { nodes, edges, notes } = state.editor.selection;
  const end = nodes.length + edges.length + notes.length === 0 ? onlyEnd(state) : undefined;
  return end === undefined ? { canvas: free } : { canvas: placeAfter(state, end.node), from: end, unwired: free };
}

/** Insert a node of a type; answers with its id, or null where nothing may be edited. */
export function insertNode(state: State, typeName: string, at: Omit<InsertAt, "screen">, config: JsonObject = {}): string | null {
  const { editor } = state;
  const type = editor.catalogue.get(typeName);
  if (type === undefined || !mayEdit(state)) return null;
  const from = type.role === "trigger" ? undefined : at.from;
  const beside = from?.node ?? at.to;
  const parent = (beside === undefined ? null : nodeOf(editor.document, beside)?.parent) ?? at.parent ?? null;
  const edge = type.role === "trigger" ? undefined : at.edge;
  const place = from === undefined ? (at.unwired ?? at.canvas) : at.canvas;
  const room = edge === undefined ? { position: freePlace(place, inTheWay(state, parent)), moves: {} } : roomIn(state, edge, place);
  const node = newNode(state, type, room.position, parent, config);
  const operations: Operation[] = [{ kind: "add_fragment", fragment: { nodes: [node], edges: [], notes: [], pins: {} } }];
  if (from !== undefined) operations.push({ kind: "connect", edge: { from: from.node, to: node.id, port: from.port } });
  if (at.to !== undefined) operations.push({ kind: "connect", edge: { from: node.id, to: at.to, port: portsOf(type, node.config)[0] ?? "out" } });
  if (edge !== undefined) {
    operations.push({ kind: "splice", edge, node: node.id, port: portsOf(type, node.config)[0] ?? "out" });
    operations.push({ kind: "move", positions: room.moves });
  }
  editor.dispatch(operations, labelled("commands.edit.add", { what: type.label }));
  editor.select({ nodes: [node.id] });
  return node.id;
}

/** Where a node stands that is put into an arrow, and the moves that make room for it. */
export function roomIn(state: State, key: string, at: Position): { position: Position; moves: Record<string, Position> } {
  const { document } = state.editor;
  const edge = document.edges.find((candidate) => edgeKey(candidate) === key);
  const all = boxes(state);
  const [source, target] = edge === undefined ? [] : [all.get(edge.from), all.get(edge.to)];
  if (edge === undefined || source === undefined || target === undefined) return { position: at, moves: {} };
  const isForward = target.x > source.x + source.width;
  if (!isForward) return { position: at, moves: {} };
  const isLevel = Math.abs(source.y - target.y) < CARD.height;
  const position = snapped({ x: Math.max(at.x, source.x + source.width + GAP.x), y: isLevel ? source.y : at.y });
  const missing = position.x + CARD.width + GAP.x - target.x;
  return { position, moves: missing <= 0 ? {} : movesOf(document, following(document, edge.to), snapped({ x: missing, y: 0 })) };
}

/** All that comes after a node, and after the containers it stands in. */
function following(document: FlowDocument, id: string): Set<string> {
  const after = reachable(document, [id], "down");
  const parent = nodeOf(document, id)?.parent;
  if (parent == null) return after;
  const outside = following(document, parent);
  outside.delete(parent);
  return new Set([...after, ...outside]);
}

/** The nodes that an arrow from this port may lead to. */
export const targetsOf = (state: State, from: { node: string; port: string }): DocumentNode[] =>
  state.editor.document.nodes.filter((node) => canConnect(state.editor.document, { from: from.node, to: node.id, port: from.port }) === null);
