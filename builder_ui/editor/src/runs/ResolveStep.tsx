import { Radio, Select, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { post, ApiError } from "@/api/client";
import { useNodeTypes } from "@/api/queries";
import { portsOf } from "@/document/catalogue";
import { nodeOf, type Json } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import style from "./StepPane.module.css";

const VERDICTS = ["succeeded", "failed", "retry"] as const;
type Verdict = (typeof VERDICTS)[number];

/** The JSON of a text, null where nothing is written, undefined where it is none. */
function parsed(text: string): Json | undefined {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A person says what became of an effect nobody can be sure of, and what it gave to the steps after it. */
export function ResolveStep({ run, step, node, onClose }: { run: string; step: string; node: string; onClose: () => void }) {
  const text = useText();
  const { data: types } = useNodeTypes();
  const drawn = useEditor((state) => nodeOf(state.document, node));
  const [verdict, setVerdict] = useState<Verdict>("succeeded");
  const [typed, setTyped] = useState("");
  const [message, setMessage] = useState("");
  const [refused, setRefused] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const type = types?.find((one) => one.name === drawn?.type);
  const ports = portsOf(type, drawn?.config).filter((port) => port !== "error" && port !== "compensate");
  const [port, setPort] = useState("");
  const left = port === "" ? (ports.includes("out") ? "out" : (ports[0] ?? "out")) : port;
  const output = parsed(typed);
  const isWrong = verdict === "succeeded" && output === undefined;
  const fields = Object.keys(type?.output_schema?.properties ?? {});
  const send = async (): Promise<void> => {
    setBusy(true);
    setRefused([]);
    try {
      const more = verdict === "succeeded" ? { output: output ?? null, port: left } : verdict === "failed" ? { message } : {};
      await post(`/api/runs/${run}/steps/${encodeURIComponent(step)}/resolve/`, { verdict, ...more });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefused(error.problems.length > 0 ? error.problems.map((one) => one.message) : [error.message]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog opened size="lg" title={text("people.resolve.title")} confirm={text("people.resolve.confirm")} busy={busy} disabled={isWrong} onClose={onClose} onConfirm={() => void send()}>
      <Stack gap="sm">
        <p style={{ margin: 0 }}>{text("people.resolve.help")}</p>
        <Radio.Group value={verdict} onChange={setVerdict} aria-label={text("people.resolve.title")}>
          <Stack gap="xs">
            {VERDICTS.map((each) => (
              <Radio key={each} value={each} label={text(`people.resolve.${each}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {verdict === "succeeded" && (
          <Stack gap="xs">
            {ports.length > 1 && <Select label={text("people.resolve.port")} data={ports} value={left} allowDeselect={false} onChange={(next) => setPort(next ?? "")} />}
            <p className={style.dim}>{fields.length > 0 ? text("people.resolve.fields", { fields: fields.join(", ") }) : text("people.resolve.output")}</p>
            <CodeEditor value={typed} onChange={setTyped} language="json" label={text("people.resolve.label")} minHeight={110} />
            {isWrong && (
              <p className={style.bad} role="alert">
                {text("people.resolve.notJson")}
              </p>
            )}
          </Stack>
        )}
        {verdict === "failed" && <Textarea label={text("people.resolve.message")} autosize minRows={1} maxRows={4} maxLength={2000} value={message} onChange={(event) => setMessage(event.currentTarget.value)} />}
        {refused.length > 0 && (
          <ul className={style.bad} role="alert">
            {refused.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
