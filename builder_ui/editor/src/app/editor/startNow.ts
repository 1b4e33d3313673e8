/** Starting runs from the header, with what was last typed as input. */
import type { StartBody } from "@/api/types";
import { ApiError } from "@/api/client";
import { queryClient } from "@/api/queries";
import { useEditor } from "@/store/editor";
import { startDraft, startVersion } from "@/store/starting";
import { useView } from "@/store/view";

/** Start it; a refusal is told. Says whether it began. */
export async function startNow(flow: string, body: Omit<StartBody, "draft">, which: "draft" | "live" = "draft"): Promise<boolean> {
  try {
    await (which === "draft" ? startDraft(flow, body) : startVersion(flow, body));
    await queryClient.invalidateQueries({ queryKey: ["runs"] });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.problems.length > 0) useEditor.getState().setProblems(error.problems);
    useView.getState().fail(error);
    return false;
  }
}
