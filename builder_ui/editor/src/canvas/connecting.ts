/** Drawing arrows: from port to port, onto a node, into the void (the palette opens), and drawing an arrow's end anew. */
import type { Connection, FinalConnectionState, HandleType, IsValidConnection, OnConnectStart } from "@xyflow/react";
import { labelled, stateNow } from "@/commands";
import { portsOf } from "@/document/catalogue";
import { canConnect, COMPENSATE, type Refusal } from "@/document/graph";
import type { Operation } from "@/document/operation";
import { CARD } from "@/document/places";
import { edgeKey, nodeOf, titleOf, type DocumentEdge, type DocumentNode, type Position } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { ENTRY } from "./anatomy";
import { isCancelledNow } from "./cancelling";
import type { DrawnEdge } from "./drawn";
import { useShown, type Connecting } from "./shown";
import { nodeUnder, screenOf } from "./under";

const edgeOf = (connection: { source: string; target: string; sourceHandle?: string | null }): DocumentEdge => ({
  from: connection.source,
  to: connection.target,
  port: connection.sourceHandle ?? "out",
});

const title = (id: string): string => {
  const node = nodeOf(useEditor.getState().document, id);
  return node === undefined ? id : titleOf(node);
};

const connectionLabel = (edge: DocumentEdge) => labelled("commands.edit.connect", { from: title(edge.from), to: title(edge.to) });

/** The nodes an arrow can't lead to, with why; `without` is an arrow that is being drawn anew. */
function refusals(from: { node: string; port: string }, without?: string): Map<string, Refusal> {
  const { document } = useEditor.getState();
  const standing = without === undefined ? document : { ...document, edges: document.edges.filter((edge) => edgeKey(edge) !== without) };
  const refused = new Map<string, Refusal>();
  for (const node of document.nodes) {
    const why = canConnect(standing, { from: from.node, to: node.id, port: from.port });
    if (why !== null) refused.set(node.id, why);
  }
  return refused;
}

/** The first port by which a node may lead to another, or why by none. */
function wayTo(to: string, node: DocumentNode): { port: string } | { why: Refusal } {
  const { document, catalogue } = useEditor.getState();
  const ports = portsOf(catalogue.get(node.type), node.config);
  const whys = ports.map((port) => canConnect(document, { from: node.id, to, port }));
  const free = ports[whys.indexOf(null)];
  return free === undefined ? { why: whys[0] ?? "missing" } : { port: free };
}

/** The nodes that can't lead to this one, with why. */
function refusalsBack(to: string): Map<string, Refusal> {
  const ways = useEditor.getState().document.nodes.map((node) => [node.id, wayTo(to, node)] as const);
  return new Map(ways.flatMap(([id, way]) => ("why" in way ? [[id, way.why] as const] : [])));
}

export const onConnectStart: OnConnectStart = (_event, { nodeId, handleId, handleType }) => {
  if (nodeId === null) return;
  if (handleType === "target") return useShown.setState({ connecting: { node: nodeId, port: ENTRY, isBack: true, refused: refusalsBack(nodeId) } });
  const from = { node: nodeId, port: handleId ?? "out" };
  useShown.setState({ connecting: { ...from, refused: refusals(from) } });
};

export const isValidConnection: IsValidConnection<DrawnEdge> = (connection) => {
  const { connecting } = useShown.getState();
  return connecting === null || connecting.isBack === true ? canConnect(useEditor.getState().document, edgeOf(connection)) === null : !connecting.refused.has(connection.target);
};

export function onConnect(connection: Connection): void {
  if (isCancelledNow()) return;
  const edge = edgeOf(connection);
  useEditor.getState().dispatch({ kind: "connect", edge }, connectionLabel(edge));
}

/** Dropped on a node's body: connected, or said why not. Dropped into the void: the palette, with what fits. */
export function onConnectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const { connecting } = useShown.getState();
  useShown.setState({ connecting: null });
  if (connecting === null || state.isValid === true || isCancelledNow()) return;
  const screen = screenOf(event);
  const target = nodeUnder(screen);
  const view = useView.getState();
  if (connecting.isBack === true) return endBack(connecting, target, screen);
  if (target !== null && target !== connecting.node) {
    const edge = { from: connecting.node, to: target, port: connecting.port };
    const why = connecting.refused.get(target);
    if (why === undefined) useEditor.getState().dispatch({ kind: "connect", edge }, connectionLabel(edge));
    else view.say({ key: `canvas.refused.${why}` });
    return;
  }
  if (target !== null || view.canvas === null || connecting.port === "" || stateNow().editor.readOnly) return;
  const place = view.canvas.toCanvas(screen);
  const canvas = connecting.port === COMPENSATE ? { x: place.x - 110, y: place.y } : { x: place.x, y: place.y - 28 };
  view.openInsert({ screen, canvas, from: { node: connecting.node, port: connecting.port } });
}

/** The same from an entry: what it is dropped on leads there, and so does what is chosen in the void. */
function endBack({ node, refused }: Connecting, from: string | null, screen: Position): void {
  const { document, dispatch } = useEditor.getState();
  const view = useView.getState();
  const start = from === null ? undefined : nodeOf(document, from);
  if (start !== undefined && from !== node) {
    const way = wayTo(node, start);
    if ("why" in way) return view.say({ key: `canvas.refused.${refused.get(start.id) ?? way.why}` });
    const edge = { from: start.id, to: node, port: way.port };
    return dispatch({ kind: "connect", edge }, connectionLabel(edge));
  }
  if (from !== null || view.canvas === null || stateNow().editor.readOnly) return;
  const place = view.canvas.toCanvas(screen);
  view.openInsert({ screen, canvas: { x: place.x - CARD.width, y: place.y - 28 }, to: node, parent: nodeOf(document, node)?.parent ?? null });
}

export function onReconnectStart(_event: React.MouseEvent, edge: DrawnEdge, end: HandleType): void {
  if (end !== "source") return;
  const from = { node: edge.source, port: edge.sourceHandle ?? "out" };
  useShown.setState({ connecting: { ...from, refused: refusals(from, edge.id) } });
}

export function onReconnect(old: DrawnEdge, connection: Connection): void {
  if (isCancelledNow()) return;
  const edge = edgeOf(connection);
  const operations: Operation[] = [{ kind: "disconnect", edges: [old.id] }, { kind: "connect", edge }];
  useEditor.getState().dispatch(operations, labelled("commands.edit.reconnect"));
}

/** An arrow's end let go over a node leads there; over nothing, the arrow is gone. */
export function onReconnectEnd(event: MouseEvent | TouchEvent, old: DrawnEdge, _end: HandleType, state: FinalConnectionState): void {
  const { connecting } = useShown.getState();
  useShown.setState({ connecting: null });
  if (state.isValid === true || isCancelledNow()) return;
  const target = nodeUnder(screenOf(event));
  if (target === null) {
    useEditor.getState().dispatch({ kind: "disconnect", edges: [old.id] }, labelled("commands.edit.delete", { count: 1 }));
  } else if (target !== old.target && connecting !== null && !connecting.refused.has(target)) {
    onReconnect(old, { source: old.source, target, sourceHandle: old.sourceHandle ?? null, targetHandle: null });
  }
}
