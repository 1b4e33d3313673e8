/** What is wrong with the flow that was opened, and what a crash would do to it; every save answers with it anew. */
import { useEffect } from "react";
import { ApiError } from "@/api/client";
import { flows } from "@/api/calls";
import { useEditor } from "@/store/editor";

export function useFindings(flow: string): void {
  useEffect(() => {
    const { document } = useEditor.getState();
    flows.validate(document).then(
      ({ problems, findings }) => {
        const now = useEditor.getState();
        if (now.flow?.id !== flow || now.document !== document) return; // the next save says more
        now.setProblems(problems);
        now.setFindings(findings);
      },
      (refused: unknown) => {
        if (!(refused instanceof ApiError)) throw refused; // the next save asks again
      },
    );
  }, [flow]);
}
