import { TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { flows, versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { DiffList } from "./DiffList";
import style from "./versions.module.css";

interface Props {
  flow: string;
  environment: string;
  live: number;
  to: number;
  onClose: () => void;
  onDone: () => void;
}

/** Make an older version live again: what that changes is shown before, and why is asked. */
export function RollbackDialog({ flow, environment, live, to, onClose, onDone }: Props) {
  const text = useText();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const diff = useQuery({ queryKey: [...keys.flow(flow), "diff", live, to], queryFn: () => versions.diff(flow, live, to) });
  const preview = useQuery({ queryKey: [...keys.flow(flow), "rollback", environment, to], queryFn: () => flows.rollbackPreview(flow, to, environment), staleTime: 0 });
  const missing = preview.data?.missing_credentials ?? [];
  const rollBack = async (): Promise<void> => {
    setBusy(true);
    try {
      await flows.rollBack(flow, to, reason, environment);
      await client.invalidateQueries({ queryKey: keys.flows });
      onDone();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog opened size="lg" title={text("versions.rollback.title", { version: to })} confirm={text("versions.rollback.confirm", { version: to })} busy={busy} onClose={onClose} onConfirm={() => void rollBack()}>
      <div className={style.dialog}>
        {error !== null && <ErrorCard error={{ message: error.message, hint: error.hint }} />}
        <p className={style.lead}>{text("environments.rollbackIn", { environment })} {text("versions.rollback.help", { from: live, to })}</p>
        {missing.length > 0 && (
          <div className={style.problems} role="note">
            <p>{text("versions.rollback.missing", { count: missing.length, names: missing.join(", ") })}</p>
          </div>
        )}
        {diff.data && <DiffList changes={diff.data.changes} />}
        <TextInput data-autofocus size="sm" label={text("versions.rollback.reason")} placeholder={text("versions.rollback.reasonHint")} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
