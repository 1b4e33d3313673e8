import { Button, Loader, Select, TextInput } from "@mantine/core";
import { IconEyeCheck, IconVectorSpline } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { environmentKeys, promotion, type Origin, type Standing } from "@/api/environments";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import type { Change } from "@/api/changes";
import type { Version } from "@/api/types";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { DiffList } from "./DiffList";
import style from "./environments.module.css";
import { Approvers, Bindings, Gates, Refusal, Variables } from "./PromotionParts";
import { originOf, valueOf, type Way } from "./way";

interface Props {
  flow: string;
  standings: readonly Standing[];
  versions: readonly Version[];
  way: Way;
  onClose: () => void;
  onDone: (environment: string) => void;
  /** Show the difference on the canvas instead of here. */
  onDraw: (pair: { from: number; to: number }) => void;
}

/** A version on its way into an environment: all that would change there, and all that stands in the way, before anything is done. */
export function PromoteDialog({ flow, standings, versions, way, onClose, onDone, onDraw }: Props) {
  const text = useText();
  const client = useQueryClient();
  const [origin, setOrigin] = useState<Origin>(way.origin);
  const [to, setTo] = useState(way.to);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const seen = useQuery({ queryKey: environmentKeys.promotion(flow, to, origin), queryFn: () => promotion.preview(flow, to, origin), staleTime: 0, gcTime: 0 });
  const preview = seen.data;
  const promote = async (): Promise<void> => {
    if (preview === undefined) return;
    setBusy(true);
    setError(null);
    try {
      const done = await promotion.make(flow, to, origin, preview.version, reason);
      const version = done.release?.live_version ?? preview.version;
      await client.invalidateQueries({ queryKey: keys.flows });
      notify(text(done.release === null ? "environments.promote.proposed" : "environments.promote.done", { version, environment: to }));
      onDone(to);
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      void seen.refetch();
    } finally {
      setBusy(false);
    }
  };
  const confirm = text(preview?.needs_second ? "environments.promote.propose" : "environments.promote.release", { environment: to });
  const isOpen = preview !== undefined && preview.obstacles.length === 0;
  return (
    <ConfirmDialog opened size="xl" title={text("environments.promote.title")} confirm={confirm} busy={busy} disabled={!isOpen} onClose={onClose} onConfirm={() => void promote()}>
      <div className={style.dialog}>
        <Ends standings={standings} versions={versions} origin={origin} to={to} onOrigin={setOrigin} onTo={setTo} />
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        {isUnread(seen) && error === null && <Unread key={`${valueOf(origin)} ${to}`} what={text("versions.foreseen")} asked={seen} />}
        {seen.isPending && !isUnread(seen) && <Loader size="sm" aria-label={text("common.loading")} />}
        {preview !== undefined && (
          <>
            <p className={style.lead}>{preview.live_version === null ? text("environments.promote.first", { version: preview.version, environment: to }) : text("environments.promote.help", { version: preview.version, live: preview.live_version, environment: to })}</p>
            <Refusal version={preview.version} environment={preview.target} obstacles={preview.obstacles} />
            {preview.needs_second && (
              <div className={style.second}>
                <IconEyeCheck size={16} aria-hidden />
                <Approvers environment={to} />
              </div>
            )}
            {preview.live_version !== null && <Difference live={preview.live_version} version={preview.version} changes={preview.changes} onDraw={onDraw} />}
            <Variables preview={preview} />
            <Bindings preview={preview} />
            <Gates preview={preview} />
            <TextInput size="sm" label={text("versions.rollback.reason")} placeholder={text("versions.rollback.reasonHint")} maxLength={5000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}

function Difference({ live, version, changes, onDraw }: { live: number; version: number; changes: readonly Change[]; onDraw: Props["onDraw"] }) {
  const text = useText();
  return (
    <section className={style.part}>
      <div className={style.partHead}>
        <h3>{text("environments.promote.changes", { live, version })}</h3>
        {live !== version && (
          <Button size="xs" leftSection={<IconVectorSpline size={14} />} onClick={() => onDraw({ from: live, to: version })}>
            {text("environments.promote.draw")}
          </Button>
        )}
      </div>
      <DiffList changes={changes} />
    </section>
  );
}

interface EndsProps {
  standings: readonly Standing[];
  versions: readonly Version[];
  origin: Origin;
  to: string;
  onOrigin: (origin: Origin) => void;
  onTo: (to: string) => void;
}

/** From where to where: what is live in an environment, or any version, to another environment. */
function Ends({ standings, versions, origin, to, onOrigin, onTo }: EndsProps) {
  const text = useText();
  const live = standings.flatMap((each) => (each.live_version === null || each.environment === to ? [] : [{ value: valueOf({ from: each.environment }), label: `${each.environment} · v${each.live_version}` }]));
  const numbered = versions.filter((each) => !each.pruned_at).map((each) => ({ value: valueOf({ version: each.version }), label: each.name === "" ? `v${each.version}` : `v${each.version} · ${each.name}` }));
  const sources = [
    { group: text("environments.title"), items: live },
    { group: text("versions.title"), items: numbered },
  ].filter((each) => each.items.length > 0);
  const targets = standings.map((each) => each.environment).filter((each) => !("from" in origin) || each !== origin.from);
  return (
    <div className={style.way}>
      <Select size="sm" label={text("environments.promote.from")} data={sources} value={valueOf(origin)} allowDeselect={false} searchable onChange={(next) => next !== null && onOrigin(originOf(next))} />
      <span aria-hidden>→</span>
      <Select data-autofocus size="sm" label={text("environments.promote.to")} data={targets} value={to} allowDeselect={false} onChange={(next) => next !== null && onTo(next)} />
    </div>
  );
}
