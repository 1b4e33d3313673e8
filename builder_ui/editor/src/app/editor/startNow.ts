/** Starting runs from the header, with what was last typed as input. */
import type { StartBody } from "@/api/types";
import { ApiError } from "@/api/client";
import { queryClient } from "@/api/queries";
import { useEditor } from "@/store/editor";
import { startDraft, startVersion } from "@/store/starting";
import { useView } from "@/store/view";
import { changeAddress, watchingTab } from "./usePlace";

/** What came of it: it runs, the draft has problems, or the server refused for another reason. */
export type Started = "began" | "problems" | "refused";

const PARTS_OF_DOCUMENT = /^\/(nodes|edges|settings|inputs|notes|pins|tests)/;

/** Start it; a refusal is told. What it is watched in opens at once, so that it stands by the time the run goes on. */
export async function startNow(flow: string, body: Omit<StartBody, "draft">, which: "draft" | "live" = "draft"): Promise<Started> {
  const page = window.location.pathname;
  const before = new URLSearchParams(window.location.search);
  changeAddress(page, { tab: watchingTab(), drawer: null });
  try {
    await (which === "draft" ? startDraft(flow, body) : startVersion(flow, body));
    await queryClient.invalidateQueries({ queryKey: ["runs"] });
    return "began";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const isOfDraft = which === "draft" && error.problems.some((problem) => PARTS_OF_DOCUMENT.test(problem.path ?? ""));
    if (isOfDraft) useEditor.getState().setProblems(error.problems);
    useView.getState().fail(error);
    changeAddress(page, isOfDraft ? { tab: "problems", drawer: null } : { tab: before.get("tab"), drawer: before.get("drawer") });
    return isOfDraft ? "problems" : "refused";
  }
}
