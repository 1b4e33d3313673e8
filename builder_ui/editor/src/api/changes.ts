/** What differs between two documents, as the server tells it. */
import type { Json } from "@/document/types";

export interface Change {
  what: "added" | "removed" | "changed" | "moved";
  part: "node" | "edge" | "note" | "test" | "pin" | "settings" | "inputs" | "flow";
  /** A node's or note's id, `from.port>to` of an edge, a test's name. */
  id: string;
  /** A JSON Pointer into that part. */
  path: string;
  before: Json;
  after: Json;
  /** The other half of an edge that was re-wired. */
  twin?: string;
  /** It changes nothing that runs. */
  layout?: boolean;
  /** Of a text that became another, and of a list as JSON: what both have, what went, what came. */
  pieces?: readonly Piece[];
}

export interface Piece {
  what: "same" | "removed" | "added";
  text: string;
}
