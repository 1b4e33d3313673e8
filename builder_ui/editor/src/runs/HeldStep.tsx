import { Button, Stack } from "@mantine/core";
import { IconPencil, IconPlayerPlay, IconPlayerSkipForward } from "@tabler/icons-react";
import { useState } from "react";
import { runs } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import style from "./HeldStep.module.css";

type Editing = "input" | "output";

/** The JSON of a text, undefined where it is none. */
function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A step that stands at a breakpoint: go on, with another input if wanted, or step over it. */
export function HeldStep({ run, step, input }: { run: string; step: string; input: Json }) {
  const text = useText();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [typed, setTyped] = useState("");
  const value = parsed(typed);
  const send = async (body: Omit<Parameters<typeof runs.letGo>[1], "step">): Promise<void> => {
    setEditing(null);
    try {
      await runs.letGo(run, { step, ...body });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    }
  };
  const edit = (what: Editing): void => {
    setTyped(JSON.stringify(what === "input" ? input : {}, null, 2));
    setEditing(what);
  };
  const confirm = (): void => {
    if (value === undefined || editing === null) return;
    void send(editing === "input" ? { verdict: "continue", input: value } : { verdict: "over", output: value });
  };
  return (
    <div className={style.held} role="group" aria-label={text("held.title")}>
      <p>{text("held.title")}</p>
      <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} onClick={() => void send({ verdict: "continue" })}>
        {text("held.continue")}
      </Button>
      <Button leftSection={<IconPencil size={14} />} onClick={() => edit("input")}>
        {text("held.edit")}
      </Button>
      <Button leftSection={<IconPlayerSkipForward size={14} />} onClick={() => edit("output")}>
        {text("held.over")}
      </Button>
      <ConfirmDialog
        opened={editing !== null}
        size="lg"
        title={text(editing === "output" ? "held.over" : "held.edit")}
        confirm={text(editing === "output" ? "held.over" : "held.continueWith")}
        disabled={value === undefined}
        onClose={() => setEditing(null)}
        onConfirm={confirm}
      >
        <Stack gap="xs">
          <p className={style.help}>{text(editing === "output" ? "held.outputHelp" : "held.inputHelp")}</p>
          <CodeEditor value={typed} onChange={setTyped} language="json" label={text(editing === "output" ? "step.output" : "step.input")} />
          {value === undefined && <p className={style.wrong}>{text("held.noJson")}</p>}
        </Stack>
      </ConfirmDialog>
    </div>
  );
}
