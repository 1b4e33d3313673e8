/** Give a node another id and rewrite everything that refers to it: edges, walls, pins, tests and expressions. */
import { renamed } from "../expressions";
import type { Case, DocumentNode, FlowDocument, Json, JsonObject } from "../types";
import type { OperationOf } from "../operation";

export type Verbatim = Readonly<Record<string, readonly string[]>>;

export function renameNode(document: FlowDocument, operation: OperationOf<"rename_node">): FlowDocument {
  const { from, to, verbatim = {} } = operation;
  const isTaken = [...document.nodes, ...(document.notes ?? [])].some((item) => item.id === to);
  if (from === to || isTaken || !document.nodes.some((node) => node.id === from)) return document;
  return renameAll(document, new Map([[from, to]]), verbatim);
}

/** The document with ids exchanged, all at once. `verbatim` names the config fields of each node type that hold no expressions. */
export function renameAll(document: FlowDocument, names: ReadonlyMap<string, string>, verbatim: Verbatim): FlowDocument {
  const name = (id: string): string => names.get(id) ?? id;
  const parent = <T extends { parent?: string | null }>(item: T): T =>
    item.parent != null && names.has(item.parent) ? { ...item, parent: name(item.parent) } : item;
  const next: FlowDocument = {
    ...document,
    nodes: document.nodes.map((node) => ({ ...renamedInNode(parent(node), names, verbatim[node.type] ?? []), id: name(node.id) })),
    edges: document.edges.map((edge) =>
      names.has(edge.from) || names.has(edge.to) ? { ...edge, from: name(edge.from), to: name(edge.to) } : edge,
    ),
  };
  if (document.notes !== undefined) next.notes = document.notes.map(parent);
  if (document.pins !== undefined) next.pins = withKeys(document.pins, name);
  if (document.tests !== undefined) next.tests = document.tests.map((test) => renamedInCase(test, name));
  const concurrency = document.settings?.concurrency;
  if (concurrency?.key !== undefined) {
    next.settings = { ...document.settings, concurrency: { ...concurrency, key: renamed(concurrency.key, names) } };
  }
  return next;
}

function renamedInNode(node: DocumentNode, names: ReadonlyMap<string, string>, verbatim: readonly string[]): DocumentNode {
  const next = { ...node };
  if (node.config !== undefined) {
    next.config = Object.fromEntries(
      Object.entries(node.config).map(([key, value]): [string, Json] => [
        key,
        verbatim.includes(key) ? value : renamed(value, names),
      ]),
    );
  }
  if (node.each) next.each = { ...node.each, items: renamed(node.each.items, names) };
  return next;
}

const withKeys = <T>(object: Record<string, T>, name: (id: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [name(key), value]));

/** A step key is a path of ids, each perhaps with an index: `each[3]/charge`. */
const renamedKey = (key: string, name: (id: string) => string): string =>
  key
    .split("/")
    .map((part) => {
      const end = part.indexOf("[");
      return end === -1 ? name(part) : name(part.slice(0, end)) + part.slice(end);
    })
    .join("/");

function renamedInCase(test: Case, name: (id: string) => string): Case {
  const next: Case = { ...test };
  if (test.mocks !== undefined) next.mocks = withKeys(test.mocks, (key) => renamedKey(key, name));
  if (test.trigger != null) next.trigger = name(test.trigger);
  const steps = test.expect?.steps;
  if (steps !== null && typeof steps === "object" && !Array.isArray(steps)) {
    next.expect = { ...test.expect, steps: withKeys(steps, (key) => renamedKey(key, name)) as JsonObject };
  }
  return next;
}
