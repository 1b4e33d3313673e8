/** Moving runs to another version of their flow: looked at first, then asked for. */
import { post } from "./client";
import type { RunSummary, StepStatus } from "./types";

/** A step that waits, is tried again or is uncertain, and stays so. `changed`: its node is set otherwise in the new version. */
export interface Standing {
  step: string;
  node: string;
  status: StepStatus;
  waits_on: string | null;
  ref: string | null;
  due: string | null;
  changed: boolean;
}

/** What a move would do; with obstacles it does nothing. Nodes at the top. */
export interface MovePreview {
  was: number;
  version: number;
  obstacles: { code: string; node: string; message: string }[];
  matched: string[];
  new: string[];
  gone: string[];
  begins: string[];
  stands: Standing[];
  deadline: string | null;
}

export const moving = {
  preview: (run: string, version: number) => post<MovePreview>(`/api/runs/${run}/move/?preview=true`, { version }),
  move: (run: string, version: number, reason: string) => post<RunSummary>(`/api/runs/${run}/move/`, { version, reason }),
};
