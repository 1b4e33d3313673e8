/** What a back-test answers: the draft against runs that were. */
import type { Json } from "@/document/types";

/** One run played again; `reason` and `step` say why it could not be played to its end. */
export interface Replayed {
  run: string;
  number: number;
  before: string;
  after: string | null;
  verdict: "same" | "differs" | "unanswered" | "refused" | "too_long";
  step: string;
  reason: string;
  differences: { what: "state" | "output" | "call" | "end"; step: string; before: Json; after: Json }[];
}

export interface BackTest {
  runs: Replayed[];
  left: number;
}
