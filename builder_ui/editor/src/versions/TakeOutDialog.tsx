import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { environments } from "@/api/environments";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { whyOf } from "@/ui/Unread";
import style from "./environments.module.css";

interface Props {
  flow: string;
  environment: string;
  live: number;
  onClose: () => void;
}

/** Nothing of the flow is to start in an environment any more: what that means is said before, and why is asked. */
export function TakeOutDialog({ flow, environment, live, onClose }: Props) {
  const text = useText();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const takeOut = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await environments.takeOut(flow, environment, reason);
      await client.invalidateQueries({ queryKey: keys.flows });
      notify(text("environments.takeOut.done", { environment }));
      onClose();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog opened danger title={text("environments.takeOut.title", { environment })} confirm={text("environments.takeOut.confirm", { environment })} busy={busy} onClose={onClose} onConfirm={() => void takeOut()}>
      <div className={style.dialog}>
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        <p className={style.lead}>{text("environments.takeOut.help", { environment, version: live })}</p>
        <TextInput data-autofocus size="sm" label={text("versions.rollback.reason")} placeholder={text("versions.rollback.reasonHint")} maxLength={5000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
