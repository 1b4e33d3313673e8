import { Button, Stack } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "@/api/account";
import { ApiError, post } from "@/api/client";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DueTime } from "@/ui/Times";
import style from "./StepPane.module.css";

/** For which signal a step waits; whoever may steer the run can send it by hand. */
export function AwaitedSignal({ run, name, due }: { run: string; name: string; due: string | null }) {
  const text = useText();
  const maySteer = useMay("runs:steer");
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={style.awaited}>
      <IconBroadcast size={16} aria-hidden />
      <span>
        {text("people.signal.waits")} <code>{name}</code>
        {due !== null && (
          <>
            {" · "}
            {text("approvals.signal.until")} <DueTime at={due} />
          </>
        )}
      </span>
      {maySteer && <Button onClick={() => setOpen(true)}>{text("people.signal.send")}</Button>}
      {isOpen && <SendSignal run={run} name={name} onClose={() => setOpen(false)} />}
    </div>
  );
}

function parsed(written: string): { payload: Json } | null {
  try {
    return { payload: written.trim() === "" ? null : (JSON.parse(written) as Json) };
  } catch {
    return null;
  }
}

function SendSignal({ run, name, onClose }: { run: string; name: string; onClose: () => void }) {
  const text = useText();
  const [written, setWritten] = useState("{}");
  const [key] = useState(() => crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const asked = parsed(written);
  const send = async (): Promise<void> => {
    if (asked === null) return;
    setBusy(true);
    try {
      // The key makes a second click, or a repeat after a lost answer, the same signal.
      await post(`/api/runs/${run}/signals/${encodeURIComponent(name)}/`, { ...asked, key });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog opened title={text("people.signal.title", { name })} confirm={text("people.signal.confirm")} busy={busy} disabled={asked === null} onClose={onClose} onConfirm={() => void send()}>
      <Stack gap="xs">
        <CodeEditor value={written} onChange={setWritten} language="json" label={text("people.signal.payload")} minHeight={120} />
        {asked === null && (
          <p className={style.bad} role="alert">
            {text("people.signal.notJson")}
          </p>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
