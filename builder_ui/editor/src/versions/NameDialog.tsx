import { Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import type { Version } from "@/api/types";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { whyOf } from "@/ui/Unread";
import style from "./versions.module.css";

/** What people call a version and say of it; its document stays as it is. */
export function NameDialog({ flow, version, onClose }: { flow: string; version: Version; onClose: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const [name, setName] = useState(version.name);
  const [note, setNote] = useState(version.note);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await versions.annotate(flow, version.version, { name, note });
      await client.invalidateQueries({ queryKey: keys.flow(flow) });
      notify(text("releases.named.done", { version: version.version }));
      onClose();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog opened title={text("releases.named.title", { version: version.version })} confirm={text("releases.named.save")} busy={busy} onClose={onClose} onConfirm={() => void save()}>
      <div className={style.dialog}>
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        <TextInput data-autofocus size="sm" maxLength={80} label={text("releases.named.name")} description={text("releases.named.nameHint")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Textarea size="sm" autosize minRows={2} maxRows={8} maxLength={5000} label={text("releases.named.note")} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
