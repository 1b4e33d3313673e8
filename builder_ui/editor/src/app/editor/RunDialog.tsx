/** What a run is asked for before it starts: its input, its trigger, and what is run. */
import { Checkbox, SegmentedControl, Select, Stack } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { create } from "zustand";
import { useFlow } from "@/api/queries";
import type { JsonSchema } from "@/api/types";
import { placed } from "@/document/operations/set_config";
import { titleOf, type Json, type JsonObject } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { ConfigForm } from "@/inspector/form/ConfigForm";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { startNow } from "./startNow";

const EnvironmentSelect = lazy(() => withWords(import("../EnvironmentSelect")).then((part) => ({ default: part.EnvironmentSelect })));

type Which = "draft" | "live";

const useAsked = create<{ which: Which | null }>()(() => ({ which: null }));
/** Open the dialog even where a run needs nothing. */
export const askForInput = (which?: unknown): void => useAsked.setState({ which: which === "live" ? "live" : "draft" });

const NONE: ReadonlySet<string> = new Set();
const remembered = new Map<string, JsonObject>();

export function RunDialog({ flow, onStarted, onProblems }: { flow: string; onStarted: () => void; onProblems: () => void }) {
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const readOnly = useEditor((state) => state.readOnly);
  const wanted = useView((state) => state.dialog === "run");
  const asked = useAsked((state) => state.which);
  const { data } = useFlow(flow);
  const triggers = document.nodes.filter((node) => catalogue.get(node.type)?.role === "trigger");
  const inputs = (document.inputs ?? {}) as JsonSchema;
  const needsNothing = Object.keys(inputs.properties ?? {}).length === 0 && triggers.length <= 1;
  const which: Which = asked ?? (readOnly ? "live" : "draft");
  const isOpen = asked !== null || (wanted && !needsNothing);
  useEffect(() => {
    if (!wanted || !needsNothing) return;
    useView.getState().openDialog(null);
    void startNow(flow, {}, readOnly ? "live" : "draft").then((started) => {
      if (started === "began") onStarted();
      if (started === "problems") onProblems();
    });
    // A dialog that isn't needed starts the run, once for each time it is asked for.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted]);
  const close = (): void => {
    useAsked.setState({ which: null });
    if (wanted) useView.getState().openDialog(null);
  };
  if (!isOpen) return null;
  return (
    <Ask
      key={which}
      flow={flow}
      which={which}
      live={data?.live_version ?? null}
      mayDraft={!readOnly}
      inputs={inputs}
      pins={Object.keys(document.pins ?? {}).length}
      triggers={triggers.map((node) => ({ value: node.id, label: titleOf(node) }))}
      onClose={close}
      onStarted={onStarted}
      onProblems={onProblems}
    />
  );
}

interface AskProps {
  flow: string;
  which: Which;
  live: number | null;
  mayDraft: boolean;
  inputs: JsonSchema;
  pins: number;
  triggers: { value: string; label: string }[];
  onClose: () => void;
  onStarted: () => void;
  onProblems: () => void;
}

/** The defaults the schema names, under what was typed last time. */
function beginWith(flow: string, inputs: JsonSchema): JsonObject {
  const defaults = Object.entries(inputs.properties ?? {}).flatMap(([name, field]): [string, Json][] => (field.default === undefined ? [] : [[name, field.default]]));
  return { ...Object.fromEntries(defaults), ...remembered.get(flow) };
}

function Ask(props: AskProps) {
  const text = useText();
  const { flow, live, inputs, triggers } = props;
  const hasForm = Object.keys(inputs.properties ?? {}).length > 0;
  const [which, choose] = useState<Which>(props.which);
  const [view, show] = useState<"form" | "json">(hasForm ? "form" : "json");
  const [input, setInput] = useState<JsonObject>(() => beginWith(flow, inputs));
  const [typed, setTyped] = useState(() => JSON.stringify(beginWith(flow, inputs), null, 2));
  const [trigger, setTrigger] = useState<string | null>(null);
  const [pins, setPins] = useState(false);
  const [environment, setEnvironment] = useState<string | null>(null);
  const given = view === "form" ? input : asObject(typed);
  const start = async (): Promise<void> => {
    if (given === null) return;
    remembered.set(flow, given);
    const body = { input: given, ...(trigger !== null ? { trigger } : {}), ...(environment !== null ? { environment } : {}), ...(which === "draft" && pins ? { use_pins: true } : {}) };
    const started = await startNow(flow, body, which);
    if (started === "refused") return;
    props.onClose();
    if (started === "began") props.onStarted();
    else props.onProblems();
  };
  const switchView = (next: "form" | "json"): void => {
    if (next === "json") setTyped(JSON.stringify(input, null, 2));
    else setInput(asObject(typed) ?? input);
    show(next);
  };
  return (
    <ConfirmDialog opened size="lg" title={text("app.run.title")} confirm={text("app.run.start")} disabled={given === null} onClose={props.onClose} onConfirm={() => void start()}>
      <Stack gap="md">
        {live !== null && props.mayDraft && (
          <SegmentedControl
            value={which}
            onChange={choose}
            aria-label={text("app.run.what")}
            data={[
              { value: "draft", label: text("app.run.draft") },
              { value: "live", label: text("app.run.live", { version: live }) },
            ]}
          />
        )}
        {triggers.length > 1 && <Select size="sm" label={text("app.run.trigger")} data={triggers} value={trigger} clearable placeholder={text("app.run.triggerDefault")} onChange={setTrigger} />}
        {hasForm && (
          <SegmentedControl
            value={view}
            onChange={switchView}
            aria-label={text("common.json.view")}
            style={{ alignSelf: "flex-start" }}
            data={[
              { value: "form", label: text("app.run.form") },
              { value: "json", label: "JSON" },
            ]}
          />
        )}
        {view === "form" ? (
          <ConfigForm id="run-input" root={inputs} value={input} readOnly={false} verbatim={NONE} labels={{}} scope={null} problemsAt={() => []} set={(path, value) => setInput((before) => (placed(before, path, value) ?? {}) as JsonObject)} />
        ) : (
          <CodeEditor value={typed} onChange={setTyped} language="json" label={text("app.run.input")} invalid={given === null} minHeight={140} cursor={typed.length} numbers />
        )}
        {which === "draft" && props.pins > 0 && <Checkbox label={text("app.run.pins", { count: props.pins })} checked={pins} onChange={(event) => setPins(event.currentTarget.checked)} />}
        <Suspense>
          <EnvironmentSelect value={environment} onChange={setEnvironment} />
        </Suspense>
      </Stack>
    </ConfirmDialog>
  );
}

function asObject(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text === "" ? "{}" : text) as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
