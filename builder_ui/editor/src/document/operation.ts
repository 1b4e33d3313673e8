/** An edit of the document as data. What each does stands in its own file of `operations/`. */
import type { DocumentEdge, DocumentNode, FlowDocument, Json, JsonObject, Note, Position, Settings } from "./types";

/** A part of a document that can be copied: what stands in the clipboard and comes out of the palette. */
export interface Fragment {
  nodes: DocumentNode[];
  edges: DocumentEdge[];
  notes: Note[];
  pins: JsonObject;
}

/** Fields to set; `undefined` takes a field away. The id is changed by `rename_node` alone. */
export type NodePatch = { [K in keyof Omit<DocumentNode, "id">]?: DocumentNode[K] | undefined };
export type NotePatch = { [K in keyof Omit<Note, "id">]?: Note[K] | undefined };

export type Operation =
  | { kind: "add_fragment"; fragment: Fragment }
  | { kind: "remove"; nodes: string[]; notes?: string[] }
  | { kind: "remove_and_reconnect"; nodes: string[] }
  | { kind: "detach"; nodes: string[] }
  | { kind: "move"; positions: Record<string, Position> }
  | { kind: "set_parent"; nodes: string[]; parent: string | null; positions: Record<string, Position> }
  | { kind: "update_node"; id: string; patch: NodePatch }
  | { kind: "set_config"; id: string; path: (string | number)[]; value: Json | undefined }
  | { kind: "rename_node"; from: string; to: string; verbatim?: Record<string, string[]> }
  | { kind: "connect"; edge: DocumentEdge }
  | { kind: "disconnect"; edges: string[] }
  | { kind: "splice"; edge: string; node: string; port: string }
  | { kind: "update_note"; id: string; patch: NotePatch }
  | { kind: "update_flow"; patch: Partial<Pick<FlowDocument, "name" | "description" | "inputs" | "tests">> }
  | { kind: "update_settings"; patch: { [K in keyof Settings]?: Settings[K] | undefined } }
  | { kind: "set_pin"; id: string; value: Json | undefined }
  | { kind: "put"; of: string | null; path: string[]; value: Json | undefined }
  | { kind: "replace"; document: FlowDocument };

export type OperationOf<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;
