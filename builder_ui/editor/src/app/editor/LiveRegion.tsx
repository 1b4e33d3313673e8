import { useEffect, useState } from "react";
import { t, type TextKey } from "@/i18n";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";

/** Says to screen readers what happens: edits by command, and how the run goes. */
export function LiveRegion() {
  const [words, setWords] = useState("");
  useEffect(
    () =>
      useView.subscribe(({ said }, before) => {
        if (said !== null && said !== before.said) setWords(t(said.key as TextKey, said.params));
      }),
    [],
  );
  useEffect(
    () =>
      useRun.subscribe(({ live }, before) => {
        if (live !== null && live.status !== before.live?.status) setWords(t("app.editor.runIs", { number: live.number ?? "", status: t(`common.status.${live.status}`) }));
      }),
    [],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {words}
    </div>
  );
}
