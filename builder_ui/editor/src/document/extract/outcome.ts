/** What comes of taking a part of a flow out of it: two documents, or why it can't be done. */
import type { FlowDocument } from "../types";

/** The sentences, and what mends it, stand in the languages under `extract.refused.<reason>` and `extract.mend.<reason>`. */
export type Reason =
  | "nothing"
  | "trigger"
  | "stop"
  | "own"
  | "walls"
  | "undo"
  | "entries"
  | "join"
  | "back"
  | "many"
  | "sometimes"
  | "counts"
  | "ends"
  | "dynamic"
  | "broken";

export interface Refused {
  reason: Reason;
  /** The nodes it is about. */
  nodes: readonly string[];
  /** What, taken into the selection too, mends it; empty where that is no mend. */
  more: readonly string[];
}

export interface Handed {
  /** What it is called in the sub-flow's input. */
  name: string;
  /** What is read for it here, without braces. */
  from: string;
}

export interface Extraction {
  /** The flow with a call in place of what was taken out, and the flow that is called. */
  parent: FlowDocument;
  child: FlowDocument;
  call: string;
  inputs: readonly Handed[];
  /** The nodes whose outputs come back. */
  outputs: readonly string[];
  /** Tests of the flow that held answers or expectations for what was taken out: they hold them no more. */
  tests: readonly string[];
}

export const isRefused = (found: Extraction | Refused): found is Refused => "reason" in found;
