/** Edits the inspector makes, each with its words for Undo and the gesture that gathers typing in one step. */
import { placed } from "@/document/operations/set_config";
import type { DocumentNode, FlowDocument, Json, JsonObject, Settings } from "@/document/types";
import { titleOf } from "@/document/types";
import { useEditor } from "@/store/editor";
import type { TextKey } from "@/i18n";
import type { Path } from "./form/context";

let visit = 0;
/** A field was left: what is typed from now on is another step of the history. */
export const endGesture = (): void => {
  visit += 1;
};

const label = (key: TextKey, params?: Record<string, string>) => ({ key, ...(params ? { params } : {}) });
const gesture = (node: string, path: Path): string => `inspect:${node}:${path.join("/")}:${visit}`;

export function setConfig(node: DocumentNode, path: Path, value: Json | undefined): void {
  useEditor.getState().dispatch({ kind: "set_config", id: node.id, path, value }, label("inspector.edit.configure", { node: titleOf(node) }), gesture(node.id, path));
}

/** Set a field of the node itself, such as `retry/max_attempts`. */
export function setNode(node: DocumentNode, path: Path, value: Json | undefined): void {
  const [field, ...rest] = path;
  const before = node[field as keyof DocumentNode] as Json | undefined;
  const next = placed(before ?? undefined, rest, value);
  useEditor.getState().dispatch({ kind: "update_node", id: node.id, patch: { [String(field)]: next } }, label("inspector.edit.configure", { node: titleOf(node) }), gesture(node.id, path));
}

export function setSettings(settings: Settings, path: Path, value: Json | undefined): void {
  const [field, ...rest] = path;
  const next = placed((settings as JsonObject)[String(field)], rest, value);
  useEditor.getState().dispatch({ kind: "update_settings", patch: { [String(field)]: next } }, label("inspector.edit.settings"), gesture("", path));
}

export function setFlow(patch: Partial<Pick<FlowDocument, "description" | "inputs">>): void {
  useEditor.getState().dispatch({ kind: "update_flow", patch }, label("inspector.edit.settings"), gesture("", Object.keys(patch)));
}

export function setPin(node: DocumentNode, value: Json | undefined): void {
  useEditor.getState().dispatch({ kind: "set_pin", id: node.id, value }, label(value === undefined ? "inspector.edit.unpin" : "inspector.edit.pin", { node: titleOf(node) }));
}

/** Give a node another id, everywhere. Answers with why it can't, or null. */
export function renameId(node: DocumentNode, to: string): TextKey | null {
  const { document, catalogue, dispatch, select } = useEditor.getState();
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(to)) return "inspector.id.form";
  if ([...document.nodes, ...(document.notes ?? [])].some((each) => each.id === to)) return "inspector.id.taken";
  if (KEYWORDS.has(to)) return "inspector.id.keyword";
  const verbatim = Object.fromEntries([...catalogue.values()].map((type) => [type.name, type.verbatim]));
  dispatch({ kind: "rename_node", from: node.id, to, verbatim }, label("inspector.edit.renameId", { node: to }));
  select({ nodes: [to] });
  return null;
}

/** Names of Python that can't be read after `nodes.` in an expression. */
const KEYWORDS = new Set(
  "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "),
);
