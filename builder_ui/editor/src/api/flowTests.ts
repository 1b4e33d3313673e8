/** The tests of a flow, played by the server in its simulator. */
import type { FlowDocument } from "@/document/types";
import { post } from "./client";

/** `wrong`: what isn't as the test expects, a sentence each. `index`: its place among the document's tests. */
export interface PlayedCase {
  index: number;
  name: string;
  passed: boolean;
  wrong: string[];
  seconds: number;
}

/** A node, or with `port` a way out of it, and how many tests reached it. */
export interface Place {
  node: string;
  port: string | null;
  cases: number;
}

export interface Coverage {
  share: number;
  nodes: { reached: number; count: number };
  ports: { reached: number; count: number };
  places: Place[];
  never: Place[];
}

export interface Played {
  cases: PlayedCase[];
  coverage: Coverage;
}

export const playTests = (flow: string, document: FlowDocument) => post<Played>(`/api/flows/${flow}/test/`, { document });
