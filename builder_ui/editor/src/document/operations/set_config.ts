/** Set one value deep in a node's config; `undefined` takes it away. Missing objects on the way are made. */
import type { FlowDocument, Json, JsonObject } from "../types";
import type { OperationOf } from "../operation";

type Path = (string | number)[];

export function setConfig(document: FlowDocument, { id, path, value }: OperationOf<"set_config">): FlowDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) =>
      node.id === id ? { ...node, config: (placed(node.config ?? {}, path, value) ?? {}) as JsonObject } : node,
    ),
  };
}

/** `root` with `value` at `path`: everything beside the path is the same object as before. */
export function placed(root: Json | undefined, path: Path, value: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === "number") {
    const list = Array.isArray(root) ? [...root] : [];
    const item = placed(list[key], rest, value);
    if (item === undefined) list.splice(key, 1);
    else if (key >= list.length) list.push(item);
    else list[key] = item;
    return list;
  }
  const fields = root !== null && typeof root === "object" && !Array.isArray(root) ? Object.entries(root) : [];
  const before = fields.find(([name]) => name === key)?.[1];
  const item = placed(before, rest, value);
  // Entries, not assignment: a field may be called __proto__.
  const kept = fields.filter(([name]) => item !== undefined || name !== key);
  if (item === undefined) return Object.fromEntries(kept);
  const isNew = before === undefined;
  const entries = kept.map(([name, old]): [string, Json] => [name, name === key ? item : old]);
  return Object.fromEntries(isNew ? [...entries, [key, item]] : entries);
}
