/** A dry run: the draft played by the server without performing what has an effect. */
import type { FlowDocument, Json, JsonObject } from "@/document/types";
import { post } from "./client";
import type { RunEvent, RunStatus } from "./types";

/** A step that would reach the world: `input` is what it would ask for. It was answered by its pin, or by null. */
export interface AskedOfWorld {
  step: string;
  node: string;
  effect: string;
  input: Json;
  pinned: boolean;
}

/** `events` are those a run would have, on a clock that jumps. */
export interface DryRun {
  status: RunStatus;
  output: Json;
  events: RunEvent[];
  asked: AskedOfWorld[];
}

export const dryRun = (flow: string, body: { document: FlowDocument; input: JsonObject; trigger?: string }) => post<DryRun>(`/api/flows/${flow}/dry-run/`, body);
