/** Gives a run that goes on another version of its flow: what would become of it is shown before. */
import { Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { moving, type MovePreview, type Standing } from "@/api/moving";
import { useText, type TextKey } from "@/i18n";
import { useRun } from "@/store/run";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { Tag } from "@/ui/Tag";
import { instantText } from "@/ui/time";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { useNow } from "@/ui/useNow";
import style from "./RerunDialog.module.css";
import { VersionSelect } from "./VersionSelect";

const MOST = 40;

export function MoveDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const run = useRun((state) => state.live);
  const [version, choose] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const id = run?.id ?? "";
  // What stands against it changes while the run goes on: with every event the look is taken anew. Not with that of the move
  // itself, which may be told before the request is answered: the run goes by this version then.
  const preview = useQuery({
    queryKey: ["move", id, version, run?.seq],
    queryFn: () => moving.preview(id, version ?? 0),
    enabled: run !== null && version !== null && !busy,
    placeholderData: (before, query) => (query?.queryKey[2] === version ? before : undefined),
    gcTime: 0,
    retry: false,
  });
  if (run === null) return null;
  const found = version === null ? undefined : preview.data;
  const move = async (): Promise<void> => {
    if (version === null) return;
    setBusy(true);
    try {
      await moving.move(id, version, reason);
      onClose();
    } catch (failure) {
      setBusy(false);
      if (!(failure instanceof ApiError)) throw failure;
      setRefused(failure);
    }
  };
  return (
    <ConfirmDialog
      opened
      size="lg"
      title={text("moving.title", { number: run.number ?? "", version: run.version ?? "" })}
      confirm={text("moving.confirm")}
      busy={busy}
      disabled={found === undefined || found.obstacles.length > 0}
      onClose={onClose}
      onConfirm={() => void move()}
    >
      <Stack gap="md">
        <Text size="sm">{text("moving.help")}</Text>
        <VersionSelect
          flow={run.flow}
          but={run.version}
          value={version}
          onChange={(next) => {
            setRefused(null);
            choose(next);
          }}
        />
        {refused !== null && <ErrorCard error={whyOf(text, refused)} />}
        {version !== null && refused === null && isUnread(preview) && <Unread key={version} what={text("moving.preview")} asked={preview} />}
        <div aria-live="polite" data-testid="move-preview">
          {found !== undefined && <Found {...found} />}
        </div>
        <TextInput size="sm" label={text("moving.reason")} maxLength={2000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </Stack>
    </ConfirmDialog>
  );
}

function Found({ obstacles, matched, new: fresh, gone, begins, stands, deadline }: MovePreview) {
  const text = useText();
  const now = useNow(deadline !== null);
  const isOver = deadline !== null && Date.parse(deadline) <= now;
  return (
    <div className={style.preview}>
      {obstacles.length > 0 ? (
        <>
          <strong>{text("moving.against")}</strong>
          {obstacles.map((one) => (
            <p key={`${one.code} ${one.node}`} className={style.problem}>
              {one.message}
            </p>
          ))}
        </>
      ) : (
        <>
          <Nodes label={text("moving.matched")} nodes={matched} hue="ok" />
          {begins.length > 0 && <Nodes label={text("moving.begins")} nodes={begins} hue="run" />}
        </>
      )}
      {fresh.length > 0 && <Nodes label={text("moving.new")} nodes={fresh} />}
      {gone.length > 0 && <Nodes label={text("moving.gone")} nodes={gone} />}
      {stands.slice(0, MOST).map((one) => (
        <Stands key={one.step} {...one} />
      ))}
      {stands.length > MOST && <em>{text("common.json.more", { count: stands.length - MOST })}</em>}
      {deadline !== null && <span className={isOver ? style.problem : undefined}>{text(isOver ? "moving.overdue" : "moving.deadline", { when: instantText(deadline) })}</span>}
    </div>
  );
}

function Nodes({ label, nodes, hue }: { label: string; nodes: readonly string[]; hue?: "ok" | "run" }) {
  const text = useText();
  return (
    <div className={style.steps}>
      <span>{label}</span>
      {nodes.length === 0 ? <em>{text("common.none")}</em> : nodes.slice(0, MOST).map((node) => <Tag key={node} {...(hue === undefined ? {} : { hue })}>{node}</Tag>)}
      {nodes.length > MOST && <em>{text("common.json.more", { count: nodes.length - MOST })}</em>}
    </div>
  );
}

/** What a step that stays as it is waits for. */
const WAITS: Readonly<Record<string, TextKey>> = {
  timer: "moving.stands.timer",
  signal: "moving.stands.signal",
  child: "moving.stands.child",
  approval: "moving.stands.approval",
  lock: "moving.stands.lock",
  breakpoint: "moving.stands.breakpoint",
};

function Stands({ step, status, waits_on, ref, due, changed }: Standing) {
  const text = useText();
  const key: TextKey = status === "retrying" ? "moving.stands.retrying" : status === "uncertain" ? "moving.stands.uncertain" : (WAITS[waits_on ?? ""] ?? "moving.stands.waiting");
  return (
    <div>
      {text(key, { step, ref: ref ?? "" })}
      {due !== null && ` ${text("moving.stands.until", { when: instantText(due) })}`}
      {changed && <span style={{ color: "var(--ink-2)" }}>{` ${text("moving.stands.changed")}`}</span>}
    </div>
  );
}
