import { TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { environmentKeys, goingLive } from "@/api/environments";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { DiffList } from "./DiffList";
import { Refusal } from "./PromotionParts";
import style from "./versions.module.css";
import { isForward } from "./way";

interface Props {
  flow: string;
  environment: string;
  /** What is live there now; null where nothing is. */
  live: number | null;
  to: number;
  onClose: () => void;
}

/** Make a version live at once: a newer one is released, an older one rolled back to. All that it changes and all that is in the way is told before. */
export function GoLiveDialog({ flow, environment, live, to, onClose }: Props) {
  const text = useText();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const verb = isForward(to, live) ? "release" : "rollback";
  const diff = useQuery({ queryKey: [...keys.flow(flow), "diff", live, to], queryFn: () => versions.diff(flow, live ?? to, to), enabled: live !== null });
  const seen = useQuery({ queryKey: environmentKeys.foreseen(flow, environment, to), queryFn: () => goingLive.foresee(flow, to, environment), staleTime: 0, gcTime: 0 });
  const { missing_credentials: missing, obstacles } = seen.data ?? { missing_credentials: [], obstacles: [] };
  const goLive = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await goingLive[verb](flow, to, reason, environment);
      notify(text(`versions.${verb}.done`, { version: to }));
      onClose();
      await client.invalidateQueries({ queryKey: keys.flows });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      setBusy(false);
      void seen.refetch();
    }
  };
  return (
    <ConfirmDialog
      opened
      size="lg"
      title={text(`versions.${verb}.title`, { version: to })}
      confirm={text(`versions.${verb}.confirm`, { version: to })}
      busy={busy}
      disabled={seen.isPending || obstacles.length > 0}
      onClose={onClose}
      onConfirm={() => void goLive()}
    >
      <div className={style.dialog}>
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        {error === null && isUnread(seen) && <Unread what={text("versions.foreseen")} asked={seen} />}
        <p className={style.lead}>
          {text("environments.rollbackIn", { environment })} {live === null ? text("versions.release.first", { to }) : text(`versions.${verb}.help`, { from: live, to })}
        </p>
        <Refusal version={to} environment={environment} obstacles={obstacles} />
        {missing.length > 0 && obstacles.length === 0 && (
          <div className={style.problems} role="note">
            <p>{text("versions.rollback.missing", { count: missing.length, names: missing.join(", ") })}</p>
          </div>
        )}
        {isUnread(diff) ? <Unread what={text("versions.diff.what")} asked={diff} /> : diff.data && <DiffList changes={diff.data.changes} />}
        <TextInput data-autofocus size="sm" label={text("versions.rollback.reason")} placeholder={text("versions.rollback.reasonHint")} maxLength={5000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
