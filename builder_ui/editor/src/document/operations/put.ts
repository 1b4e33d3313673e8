/** Set one value anywhere: in a node, a note or a test (`of`), or in the flow itself. What settles a conflict. */
import type { FlowDocument, Json } from "../types";
import type { OperationOf } from "../operation";
import { placed } from "./set_config";
import { setParent } from "./set_parent";

export function put(document: FlowDocument, { of, path, value }: OperationOf<"put">): FlowDocument {
  const changed = <T>(item: T): T => placed(item as unknown as Json, path, value) as unknown as T;
  // A wall has rules of its own: into which one a node may go, and what becomes of its arrows.
  if (of !== null && path[0] === "parent") return setParent(document, { kind: "set_parent", nodes: [of], parent: typeof value === "string" ? value : null, positions: {} });
  if (of === null) return path.length === 0 ? document : changed(document);
  const next: FlowDocument = { ...document, nodes: document.nodes.map((node) => (node.id === of ? changed(node) : node)) };
  if (document.notes !== undefined) next.notes = document.notes.map((note) => (note.id === of ? changed(note) : note));
  if (document.tests !== undefined) next.tests = document.tests.map((test) => (test.name === of ? changed(test) : test));
  return next;
}
