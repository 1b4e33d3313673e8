/** The document of a flow, version 1: the mirror of `flows/dsl/document.py`. Optional here is what has a default there. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type Effect = "pure" | "read" | "keyed" | "transactional" | "once";

export interface Position {
  x: number;
  y: number;
}

export interface Retry {
  max_attempts?: number;
  backoff?: "constant" | "linear" | "exponential";
  initial?: string;
  factor?: number;
  max?: string;
  jitter?: number;
  max_elapsed?: string | null;
}

export interface Each {
  items: Json;
  concurrency?: number;
  on_error?: "stop" | "collect";
  tolerate?: number;
}

export type Join = "all" | "any" | { count: number };
export type OnError = "fail" | "continue" | "route";

export interface DocumentNode {
  id: string;
  type: string;
  label?: string;
  description?: string;
  position?: Position | null;
  config?: JsonObject;
  credential?: string | null;
  parent?: string | null;
  join?: Join;
  each?: Each | null;
  timeout?: string | null;
  retry?: Retry | null;
  on_error?: OnError;
  effect?: Effect | null;
  disabled?: boolean;
}

export interface DocumentEdge {
  from: string;
  to: string;
  port?: string;
}

export interface Concurrency {
  limit: number;
  key?: string;
  when_full?: "queue" | "reject" | "cancel_oldest";
}

export interface Settings {
  timeout?: string | null;
  on_failure?: "stop" | "compensate";
  concurrency?: Concurrency | null;
  max_parallel?: number | null;
  suspend_after?: number | null;
  queue?: string | null;
  vars?: JsonObject;
}

export const NOTE_COLORS = ["yellow", "blue", "green", "pink", "grey"] as const;
export type NoteColor = (typeof NOTE_COLORS)[number];

export interface Note {
  id: string;
  text?: string;
  color?: NoteColor;
  position: Position;
  width?: number;
  height?: number;
  parent?: string | null;
}

export interface Case {
  name: string;
  input?: JsonObject;
  trigger?: string | null;
  mocks?: Record<string, JsonObject[]>;
  expect?: JsonObject;
}

export interface FlowDocument {
  dsl: 1;
  name?: string;
  description?: string;
  inputs?: JsonObject;
  settings?: Settings;
  nodes: DocumentNode[];
  edges: DocumentEdge[];
  notes?: Note[];
  tests?: Case[];
  pins?: JsonObject;
}

export const EMPTY_DOCUMENT: FlowDocument = { dsl: 1, nodes: [], edges: [], notes: [], tests: [], pins: {} };

/** The document with both its lists: the server leaves out what is empty, as a file does. */
export const withLists = (told: FlowDocument): FlowDocument => {
  const { nodes, edges } = told as Partial<FlowDocument>;
  return nodes !== undefined && edges !== undefined ? told : { ...told, nodes: nodes ?? [], edges: edges ?? [] };
};

/** The name of the port an edge leaves from. */
export const portOf = (edge: DocumentEdge): string => edge.port ?? "out";

/** The name of an edge within its document: no two edges are alike in all three parts. */
export const edgeKey = (edge: DocumentEdge): string => `${edge.from}:${portOf(edge)}>${edge.to}`;

export const nodeOf = (document: FlowDocument, id: string): DocumentNode | undefined =>
  document.nodes.find((node) => node.id === id);

/** What a node is called where people read it. */
export const titleOf = (node: DocumentNode): string => (node.label !== undefined && node.label !== "" ? node.label : node.id);
