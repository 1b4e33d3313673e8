/** The dialog before a run: its input, its trigger, where it runs, and what is run. It is loaded when it is first opened. */
import { Checkbox, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { NO_STANDINGS, useAskedStandings } from "@/api/environments";
import type { JsonSchema } from "@/api/types";
import { placed } from "@/document/operations/set_config";
import { requestOf } from "@/document/request";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { ConfigForm } from "@/inspector/form/ConfigForm";
import { useEditor } from "@/store/editor";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { isUnread, Unread } from "@/ui/Unread";
import { EnvironmentSelect } from "../EnvironmentSelect";
import { runnable } from "./RunLive";
import { startNow } from "./startNow";

export type Which = "draft" | "live";

const NONE: ReadonlySet<string> = new Set();
const remembered = new Map<string, JsonObject>();

interface AskProps {
  flow: string;
  which: Which;
  mayDraft: boolean;
  inputs: JsonSchema;
  /** It is a request that starts it, and that is what is typed. */
  isCalled?: boolean;
  pins: number;
  triggers: { value: string; label: string }[];
  onClose: () => void;
}

/** The defaults the schema names, or a request that is to be filled in, under what was typed last time. */
function beginWith({ flow, inputs, isCalled }: AskProps): JsonObject {
  if (isCalled === true && inputs.properties === undefined) return remembered.get(flow) ?? requestOf(useEditor.getState().document);
  const defaults = Object.entries(inputs.properties ?? {}).flatMap(([name, field]): [string, Json][] => (field.default === undefined ? [] : [[name, field.default]]));
  return { ...Object.fromEntries(defaults), ...remembered.get(flow) };
}

export function RunAsk(props: AskProps) {
  const text = useText();
  const { flow, inputs, triggers } = props;
  const asked = useAskedStandings(flow);
  const standings = asked.data?.results ?? NO_STANDINGS;
  const hasForm = Object.keys(inputs.properties ?? {}).length > 0;
  const [which, choose] = useState<Which>(props.which);
  const [view, show] = useState<"form" | "json">(hasForm ? "form" : "json");
  const [input, setInput] = useState<JsonObject>(() => beginWith(props));
  const [typed, setTyped] = useState(() => JSON.stringify(beginWith(props), null, 2));
  const [trigger, setTrigger] = useState<string | null>(null);
  const [pins, setPins] = useState(false);
  const [environment, setEnvironment] = useState<string | null>(null);
  // A live version is asked for where there is one, until an environment is chosen.
  const place = environment ?? (which === "live" ? (runnable(standings)?.environment ?? null) : null);
  const here = standings.find((each) => (place === null ? each.is_default : each.environment === place));
  const live = here?.live_version ?? null;
  const nothing = which === "live" && here !== undefined && live === null ? text("environments.nothingLive", { environment: here.environment }) : null;
  const given = view === "form" ? input : asObject(typed);
  const start = async (): Promise<void> => {
    if (given === null) return;
    remembered.set(flow, given);
    const body = { input: given, ...(trigger !== null ? { trigger } : {}), ...(place !== null ? { environment: place } : {}), ...(which === "draft" && pins ? { use_pins: true } : {}) };
    if ((await startNow(flow, body, which)) !== "refused") props.onClose();
  };
  const switchView = (next: "form" | "json"): void => {
    if (next === "json") setTyped(JSON.stringify(input, null, 2));
    else setInput(asObject(typed) ?? input);
    show(next);
  };
  return (
    <ConfirmDialog opened size="lg" title={text("app.run.title")} confirm={text("app.run.start")} disabled={given === null || nothing !== null} onClose={props.onClose} onConfirm={() => void start()}>
      <Stack gap="md">
        {isUnread(asked) && <Unread what={text("environments.title")} asked={asked} />}
        {runnable(standings) !== null && props.mayDraft && (
          <SegmentedControl
            value={which}
            onChange={choose}
            aria-label={text("app.run.what")}
            data={[
              { value: "draft", label: text("app.run.draft") },
              { value: "live", label: live === null ? text("environments.runs.noneLive") : text("app.run.live", { version: live }) },
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
          <>
            {props.isCalled && <Text size="sm">{text("app.run.request")}</Text>}
            <CodeEditor value={typed} onChange={setTyped} language="json" label={text("app.run.input")} invalid={given === null} minHeight={140} cursor={typed.length} numbers />
          </>
        )}
        {which === "draft" && props.pins > 0 && <Checkbox label={text("app.run.pins", { count: props.pins })} checked={pins} onChange={(event) => setPins(event.currentTarget.checked)} />}
        <EnvironmentSelect value={place} error={nothing} onChange={setEnvironment} />
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
