/** Runs begun by commands, and their refusals told where people read them. */
import { ApiError } from "@/api/client";
import type { StartBody } from "@/api/types";
import { startDraft } from "@/store/starting";
import type { State } from "./command";

/** Do something that the server may refuse: its problems go to the editor, its sentence to the live region. */
export async function reported(state: State, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.problems.length > 0) state.editor.setProblems(error.problems);
    state.view.fail(error);
  }
}

/** Run a part of the draft, with the pinned outputs standing in for what isn't run. */
export const runPart = (state: State, part: Pick<StartBody, "only" | "until" | "from">): Promise<void> =>
  reported(state, async () => {
    const { flow } = state.editor;
    if (flow !== null) await startDraft(flow.id, { ...part, use_pins: true, input: state.run.live?.flow === flow.id ? (state.run.live.input ?? {}) : {} });
  });
