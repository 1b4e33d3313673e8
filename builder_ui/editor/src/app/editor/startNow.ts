/** Starting runs from the header, with what was last typed as input. */
import type { StartBody } from "@/api/types";
import { ApiError } from "@/api/client";
import { queryClient } from "@/api/queries";
import { useEditor } from "@/store/editor";
import { startDraft, startVersion } from "@/store/starting";
import { useView } from "@/store/view";

/** What came of it: it runs, the draft has problems, or the server refused for another reason. */
export type Started = "began" | "problems" | "refused";

const PARTS_OF_DOCUMENT = /^\/(nodes|edges|settings|inputs|notes|pins|tests)/;

/** Start it; a refusal is told. */
export async function startNow(flow: string, body: Omit<StartBody, "draft">, which: "draft" | "live" = "draft"): Promise<Started> {
  try {
    await (which === "draft" ? startDraft(flow, body) : startVersion(flow, body));
    await queryClient.invalidateQueries({ queryKey: ["runs"] });
    return "began";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const isOfDraft = which === "draft" && error.problems.some((problem) => PARTS_OF_DOCUMENT.test(problem.path ?? ""));
    if (isOfDraft) useEditor.getState().setProblems(error.problems);
    useView.getState().fail(error);
    return isOfDraft ? "problems" : "refused";
  }
}
