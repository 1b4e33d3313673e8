/** A dry run: an input, the way the draft takes with it, and what each step gave or would have asked for. */
import { Button, Select } from "@mantine/core";
import { IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { dryRun } from "@/api/dryRuns";
import type { JsonSchema } from "@/api/types";
import { nodeOf, titleOf, type FlowDocument, type Json, type JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useDry, type PlayedDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { ErrorCard } from "@/ui/ErrorCard";
import { JsonView } from "@/ui/JsonView";
import { StatusIcon, StatusText } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { stepsOfDry, viewOfDry, waitingOf, type DryStep } from "./dryRun";
import style from "./DryRunPanel.module.css";

export function DryRunPanel({ flow }: { flow: string }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const [typed, setTyped] = useState(() => JSON.stringify(firstInput(flow, document), null, 2));
  const [trigger, setTrigger] = useState<string | null>(null);
  const played = useDry((state) => state.played);
  const [busy, setBusy] = useState(false);
  const triggers = document.nodes.filter((node) => catalogue.get(node.type)?.role === "trigger");
  const input = objectOf(typed);
  const play = async (): Promise<void> => {
    if (input === null) return;
    setBusy(true);
    try {
      const told = await dryRun(flow, { document, input, ...(trigger === null ? {} : { trigger }) });
      useDry.getState().show({ told, view: viewOfDry(flow, document, input, told), document });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.problems.length > 0) useEditor.getState().setProblems(error.problems);
      useView.getState().fail(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={style.panel} aria-label={text("dry.title")}>
      <div className={style.ask}>
        <p className={style.about}>{text("dry.about")}</p>
        {triggers.length > 1 && <Select label={text("dry.trigger")} clearable value={trigger} onChange={setTrigger} data={triggers.map((node) => ({ value: node.id, label: titleOf(node) }))} />}
        <CodeEditor value={typed} onChange={setTyped} language="json" label={text("dry.input")} invalid={input === null} minHeight={90} />
        <div className={style.buttons}>
          <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} disabled={input === null} loading={busy} onClick={() => void play()}>
            {text("dry.play")}
          </Button>
          <Button leftSection={<IconX size={14} />} onClick={() => useDry.getState().leave()}>
            {text("dry.leave")}
          </Button>
        </div>
      </div>
      {played !== null && <Told {...played} isOld={played.document !== document} />}
    </section>
  );
}

function Told({ told, view, document, isOld }: PlayedDry & { isOld: boolean }) {
  const text = useText();
  const name = (id: string): string => {
    const node = nodeOf(document, id);
    return node === undefined ? id : titleOf(node);
  };
  const unanswered = [...new Set(told.asked.filter((one) => !one.pinned).map((one) => name(one.node)))];
  const waits = waitingOf(view).map(name);
  return (
    <div className={style.told}>
      <p className={style.end} role="status">
        <StatusText status={told.status} /> {text("dry.nothingHappened")} {isOld && <em>{text("tests.old")}</em>}
      </p>
      {view.error !== null && <ErrorCard error={view.error} />}
      {told.status === "waiting" && waits.length > 0 && <p className={style.note}>{text("dry.waits", { nodes: waits.join(", ") })}</p>}
      {unanswered.length > 0 && <p className={style.note}>{text("dry.unanswered", { nodes: unanswered.join(", ") })}</p>}
      {told.status === "succeeded" && <JsonView title={text("dry.output")} value={told.output} />}
      <ul className={style.steps} aria-label={text("dry.steps")}>
        {stepsOfDry(view, told).map((step) => (
          <li key={step.state.key}>
            <Step step={step} title={name(step.state.node)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Step({ step: { state, output, asked }, title }: { step: DryStep; title: string }) {
  const text = useText();
  const show = (): void => {
    useEditor.getState().select({ nodes: [state.node] });
    useView.getState().canvas?.show(state.node);
  };
  return (
    <details className={style.step}>
      <summary>
        <StatusIcon status={state.status} size={15} />
        <span>{title}</span>
        <code>{state.key}</code>
        {state.port !== null && state.port !== "out" && <Tag>{state.port}</Tag>}
        {asked !== null && <Tag hue={asked.pinned ? "accent" : "wait"}>{text(asked.pinned ? "dry.pinned" : "dry.notDone")}</Tag>}
      </summary>
      <div className={style.data}>
        {state.error !== null && <ErrorCard error={state.error} />}
        {asked !== null && <JsonView title={text("dry.would")} value={asked.input} />}
        {output !== undefined && <JsonView title={text("dry.output")} value={output} />}
        <Button size="compact-xs" variant="subtle" onClick={show}>
          {text("dry.show")}
        </Button>
      </div>
    </details>
  );
}

/** The input of the run that is shown, else the defaults that the flow's inputs name. */
function firstInput(flow: string, document: FlowDocument): Json {
  const { live } = useRun.getState();
  if (live?.flow === flow && live.input !== null && typeof live.input === "object") return live.input;
  const properties = (document.inputs as JsonSchema | undefined)?.properties ?? {};
  return Object.fromEntries(Object.entries(properties).flatMap(([name, field]): [string, Json][] => (field.default === undefined ? [] : [[name, field.default]])));
}

function objectOf(written: string): JsonObject | null {
  try {
    const value = JSON.parse(written.trim() === "" ? "{}" : written) as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
