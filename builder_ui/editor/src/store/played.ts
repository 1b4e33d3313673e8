/** What the tests of the open flow said when they were played last; a tab that is left and opened again shows it still. */
import { create } from "zustand";
import { ApiError } from "@/api/client";
import { playTests, type Played, type PlayedCase } from "@/api/flowTests";
import type { Case, FlowDocument } from "@/document/types";
import { useView } from "./view";

interface PlayedState {
  flow: string | null;
  /** The document that was played: an edit since then makes the answer an old one. */
  document: FlowDocument | null;
  answer: Played | null;
  isPlaying: boolean;
  play: (flow: string, document: FlowDocument) => Promise<void>;
}

export const usePlayed = create<PlayedState>()((set, get) => ({
  flow: null,
  document: null,
  answer: null,
  isPlaying: false,
  play: async (flow, document) => {
    set({ isPlaying: true, ...(get().flow === flow ? {} : { flow, document: null, answer: null }) });
    try {
      const answer = await playTests(flow, document);
      if (get().flow === flow) set({ document, answer });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    } finally {
      if (get().flow === flow) set({ isPlaying: false });
    }
  },
}));

/** What became of a test; null for one that was changed or made since, or never played. Undo brings its answer back. */
export function resultOf({ document, answer }: Pick<PlayedState, "document" | "answer">, test: Case): PlayedCase | null {
  const at = document?.tests?.indexOf(test) ?? -1;
  return answer?.cases.find((played) => played.index === at) ?? null;
}
