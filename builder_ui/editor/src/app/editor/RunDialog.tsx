/** Whether a run is asked for something before it starts, or begins at once. */
import { lazy, useEffect } from "react";
import { create } from "zustand";
import type { JsonSchema } from "@/api/types";
import { titleOf } from "@/document/types";
import { withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { Opening } from "@/ui/Opening";
import type { Which } from "./RunAsk";
import { startNow } from "./startNow";

const RunAsk = lazy(() => withWords(import("./RunAsk")).then((part) => ({ default: part.RunAsk })));

const useAsked = create<{ which: Which | null }>()(() => ({ which: null }));
/** Open the dialog even where a run needs nothing. */
export const askForInput = (which?: unknown): void => useAsked.setState({ which: which === "live" ? "live" : "draft" });

export function RunDialog({ flow }: { flow: string }) {
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const readOnly = useEditor((state) => state.readOnly);
  const wanted = useView((state) => state.dialog === "run");
  const asked = useAsked((state) => state.which);
  const triggers = document.nodes.filter((node) => catalogue.get(node.type)?.role === "trigger");
  const inputs = (document.inputs ?? {}) as JsonSchema;
  // What waits for a request has nothing to go by where none comes: it is typed.
  const isCalled = triggers.some((node) => node.type === "trigger.webhook");
  const needsNothing = Object.keys(inputs.properties ?? {}).length === 0 && triggers.length <= 1 && !isCalled;
  const which: Which = asked ?? (readOnly ? "live" : "draft");
  const isOpen = asked !== null || (wanted && !needsNothing);
  useEffect(() => {
    if (!wanted || !needsNothing) return;
    useView.getState().openDialog(null);
    void startNow(flow, {}, readOnly ? "live" : "draft");
    // A dialog that isn't needed starts the run, once for each time it is asked for.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted]);
  const close = (): void => {
    useAsked.setState({ which: null });
    if (wanted) useView.getState().openDialog(null);
  };
  if (!isOpen) return null;
  return (
    <Opening>
      <RunAsk
        key={which}
        flow={flow}
        which={which}
        mayDraft={!readOnly}
        inputs={inputs}
        isCalled={isCalled}
        pins={Object.keys(document.pins ?? {}).length}
        triggers={triggers.map((node) => ({ value: node.id, label: titleOf(node) }))}
        onClose={close}
      />
    </Opening>
  );
}
