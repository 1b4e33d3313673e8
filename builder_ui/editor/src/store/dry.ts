/** The dry run that is shown: the way a run would take stands on the canvas in place of a run. Nothing of it happened. */
import { create } from "zustand";
import type { DryRun } from "@/api/dryRuns";
import type { FlowDocument } from "@/document/types";
import type { RunView } from "./fold";

/** What was told of the document that was played, and the way it took. */
export interface PlayedDry {
  told: DryRun;
  view: RunView;
  document: FlowDocument;
}

interface DryState {
  /** Whether its panel is open. */
  isOpen: boolean;
  played: PlayedDry | null;
  open: () => void;
  /** Close it, and take it off the canvas. */
  leave: () => void;
  show: (played: PlayedDry) => void;
}

export const useDry = create<DryState>()((set) => ({
  isOpen: false,
  played: null,
  open: () => set({ isOpen: true }),
  leave: () => set({ isOpen: false, played: null }),
  show: (played) => set({ isOpen: true, played }),
}));
