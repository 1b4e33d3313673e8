import { useEffect, useState } from "react";
import { useText, type TextKey } from "@/i18n";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";

/** Says to screen readers what happens: edits by command, and how the run goes. */
export function LiveRegion() {
  const text = useText();
  const said = useView((state) => state.said);
  const status = useRun((state) => state.live?.status);
  const number = useRun((state) => state.live?.number);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (said !== null) setWords(text(said.key as TextKey, said.params));
    // The words of a change of language aren't news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [said]);
  useEffect(() => {
    if (status !== undefined) setWords(text("app.editor.runIs", { number: number ?? "", status: text(`common.status.${status}`) }));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [status, number]);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {words}
    </div>
  );
}
