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

/** Run a part of the draft, or all of it from a trigger. Pinned outputs stand in for what isn't run, unless told otherwise. */
export const runPart = (state: State, part: Pick<StartBody, "only" | "until" | "from" | "trigger" | "input" | "given" | "item" | "use_pins">): Promise<void> =>
  reported(state, async () => {
    const { flow } = state.editor;
    if (flow === null) return;
    const { live } = state.run;
    // Without an input the server takes that of the flow's last run.
    const input = live?.flow === flow.id ? { input: live.input ?? {} } : {};
    await startDraft(flow.id, { use_pins: true, ...input, ...part });
  });
