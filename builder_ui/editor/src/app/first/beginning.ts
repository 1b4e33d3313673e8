/** The ways into an empty flow: a sample, a trigger, words. Each is one step of the history. */
import type { NodeType } from "@/api/types";
import { labelled, stateNow } from "@/commands";
import { insertNode } from "@/commands/inserting";
import { requestOf } from "@/document/curl";
import { fitted } from "@/document/fragment";
import { idFrom } from "@/document/ids";
import type { Operation } from "@/document/operation";
import { CARD, GAP } from "@/document/places";
import { sketchOf, type Sketch } from "@/document/sketch";
import type { FlowDocument, JsonObject } from "@/document/types";
import { useEditor, verbatimFields } from "@/store/editor";
import { useView } from "@/store/view";

/** What a description or a pasted command would become; null where nothing of it was read. */
export function readWords(text: string): (Sketch & { left: string[] }) | null {
  const { catalogue } = useEditor.getState();
  const request = requestOf(text);
  if (request !== null) {
    const at = (column: number) => ({ x: column * (CARD.width + GAP.x), y: 0 });
    const nodes = [
      { id: "start", type: "trigger.manual", position: at(0) },
      { id: "request", type: "http.request", position: at(1), config: request.config },
    ];
    return { fragment: { nodes, edges: [{ from: "start", to: "request" }], notes: [], pins: {} }, unread: [], left: request.left };
  }
  const sketch = sketchOf(text, (type) => catalogue.has(type));
  return sketch === null ? null : { ...sketch, left: [] };
}

/** The whole flow in the middle of what is seen, once it is drawn. */
const showAll = (): void => void requestAnimationFrame(() => useView.getState().canvas?.fit());

export function beginWithSample(sample: FlowDocument): void {
  const { document, dispatch, select } = useEditor.getState();
  const named = document.name === undefined ? {} : { name: document.name };
  dispatch({ kind: "replace", document: { ...sample, ...named } }, labelled("first.edit.sample", { name: sample.name ?? "" }));
  select({});
  showAll();
}

export function beginWithSketch({ fragment }: Sketch): void {
  const { document, catalogue, dispatch, select } = useEditor.getState();
  const labels = (type: string): { label?: string } => (catalogue.has(type) ? { label: catalogue.get(type)?.label ?? type } : {});
  const nodes = fragment.nodes.map((node) => ({ ...labels(node.type), ...node }));
  const emptied: FlowDocument = { ...document, nodes: [], edges: [] };
  const operations: Operation[] = [
    { kind: "remove", nodes: document.nodes.map((node) => node.id) },
    { kind: "add_fragment", fragment: fitted({ ...fragment, nodes }, emptied, verbatimFields()) },
  ];
  dispatch(operations, labelled("first.edit.sketch"));
  select({});
  showAll();
}

/** What a trigger can begin with without being asked for anything. */
function configOf(type: string, flow: string): JsonObject {
  if (type === "trigger.webhook") return { path: idFrom(flow, "incoming").replaceAll("_", "-") };
  return type === "trigger.schedule" ? { every: "1h" } : {};
}

/** The trigger that was there gives way to the chosen one, which stands selected, ready to be set up. */
export function beginWithTrigger(type: NodeType): void {
  const { document, flow, dispatch, select } = useEditor.getState();
  const [old] = document.nodes;
  const config = configOf(type.name, flow?.name ?? "");
  if (old === undefined) {
    insertNode(stateNow(), type.name, { canvas: useView.getState().canvas?.pointer() ?? { x: 0, y: 0 } }, config);
    return;
  }
  const node = { ...old, type: type.name, label: type.label, config };
  const operations: Operation[] = [{ kind: "remove", nodes: [old.id] }, { kind: "add_fragment", fragment: { nodes: [node], edges: [], notes: [], pins: {} } }];
  dispatch(operations, labelled("commands.edit.add", { what: type.label }));
  select({ nodes: [old.id] });
}
