/** What the document layer must know of node types: roles, ports and where they come from. */
import type { DocumentNode, Effect, Json, JsonObject } from "./types";

export type Role = "trigger" | "task" | "container";

/** Ports as the catalogue tells them: a list, or those at a JSON Pointer into the config, the fixed ones, and those at more pointers. */
export type Ports = string[] | { from: string; then?: string[]; also?: string[] };

/** An effect class, or the class for each value of one field of the config (in capitals), as the catalogue tells it. */
export type EffectRule = Effect | { from: string; by: Record<string, Effect>; otherwise: Effect; default: string };

export interface NodeTypeInfo {
  name: string;
  role: Role;
  label: string;
  ports: Ports;
  credential: string | null;
  effect: EffectRule;
}

export type Catalogue<T extends NodeTypeInfo = NodeTypeInfo> = ReadonlyMap<string, T>;

/** Every value a JSON Pointer finds; `*` stands for every item of a list or object. */
export function pointed(value: Json | undefined, pointer: string): Json[] {
  let found: Json[] = value === undefined ? [] : [value];
  for (const raw of pointer.split("/").slice(1)) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    found = found.flatMap((item) => children(item, key));
  }
  return found;
}

function children(value: Json, key: string): Json[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) {
    if (key === "*") return value;
    const item = value[Number(key)];
    return item === undefined ? [] : [item];
  }
  if (key === "*") return Object.values(value);
  const item = Object.hasOwn(value, key) ? value[key] : undefined;
  return item === undefined ? [] : [item];
}

/** The ports a success may leave from, in order and each once. */
export function portsOf(type: NodeTypeInfo | undefined, config: JsonObject = {}): string[] {
  if (type === undefined) return ["out"];
  if (Array.isArray(type.ports)) return type.ports;
  const { from, then = [], also = [] } = type.ports;
  const named = [...pointed(config, from), ...then, ...also.flatMap((pointer) => pointed(config, pointer))];
  return [...new Set(named.filter((port): port is string => typeof port === "string" && port !== ""))];
}

/** All ports an edge of this node may leave from: those of a success, then `error` where it is routed. */
export function outgoingPorts(node: DocumentNode, type: NodeTypeInfo | undefined): string[] {
  const ports = portsOf(type, node.config);
  return node.on_error === "route" ? [...ports, "error"] : ports;
}

/** The effect class of a node as it is set up; a stricter one in the document wins. */
export function effectOf(node: DocumentNode, type: NodeTypeInfo | undefined): Effect | null {
  if (node.effect) return node.effect;
  if (type === undefined) return null;
  if (typeof type.effect === "string") return type.effect;
  const value = pointed(node.config ?? {}, type.effect.from)[0] ?? type.effect.default;
  return (typeof value === "string" ? type.effect.by[value.toUpperCase()] : undefined) ?? type.effect.otherwise;
}
