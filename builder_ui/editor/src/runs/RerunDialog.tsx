import { Checkbox, SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { post, ApiError } from "@/api/client";
import type { ItemsAsked } from "@/api/operations";
import { useFlow } from "@/api/queries";
import type { Problem, RunSummary } from "@/api/types";
import { nodeOf, titleOf, type FlowDocument, type Json } from "@/document/types";
import { useText, type Translate } from "@/i18n";
import { useEditor } from "@/store/editor";
import { flushSaving } from "@/store/opening";
import { useRunHead, type RunHead } from "@/store/run";
import { useSaving } from "@/store/saving";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { Tag } from "@/ui/Tag";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import style from "./RerunDialog.module.css";

interface Preview {
  reused: string[];
  run_again: string[];
  items?: { step: string; again: number; kept: number; left: number } | null;
  problems: Problem[];
}

interface Props {
  /** The step to begin at; null for the whole run. */
  from: string | null;
  /** Of the step's items only these. */
  items?: ItemsAsked | undefined;
  onClose: () => void;
  onStarted: (run: RunSummary) => void;
}

type Which = "same" | "draft" | "live";

/** Whoever has mended the draft since it ran wants to see it run as it is now. */
const isMendedSince = ({ version, createdAt }: RunHead): boolean => {
  const { status, savedAt } = useSaving.getState();
  return version === null && (status === "unsaved" || status === "saving" || (savedAt ?? 0) > Date.parse(createdAt));
};

/** A step as the canvas names it; one within another by its key. */
const nameOf = (document: FlowDocument, key: string): string => {
  const node = nodeOf(document, key);
  return node === undefined ? key : titleOf(node);
};

/** Run it again: from where, on which version, with which input; what will be reused is shown before. */
export function RerunDialog({ from, items, onClose, onStarted }: Props) {
  const text = useText();
  const run = useRunHead();
  const flow = useFlow(run?.flow ?? "");
  const document = useEditor((state) => state.document);
  const [which, choose] = useState<Which>(() => (run !== null && isMendedSince(run) ? "draft" : "same"));
  const [editing, setEditing] = useState(false);
  const [all, runAll] = useState(false);
  const asked = all ? undefined : items;
  const [typed, setTyped] = useState(() => JSON.stringify(run?.input ?? {}, null, 2));
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const live = flow.data?.live_version ?? null;
  const input = parsed(typed);
  const body = {
    ...(which === "draft" ? { draft: true } : which === "live" && live !== null ? { version: live } : {}),
    ...(from !== null ? { from_step: from } : {}),
    ...(asked !== undefined ? { items: asked } : {}),
    ...(editing && input !== undefined ? { input } : {}),
  };
  const preview = useQuery({
    queryKey: ["rerun", run?.id, which, from, asked],
    queryFn: () => post<Preview>(`/api/runs/${run?.id ?? ""}/rerun/?preview=1`, { ...body, input: undefined }),
    enabled: run !== null && from !== null,
    retry: false,
  });
  // What only looks like a list (the turns of a loop) runs again as a whole, and the server says so.
  const isList = all || preview.data === undefined || preview.data.items != null;
  if (run === null) return null;
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      if (which === "draft") await flushSaving();
      onStarted(await post<RunSummary>(`/api/runs/${run.id}/rerun/`, body));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const options = [
    { value: "same", label: run.version === null ? text("rerun.sameDraft") : text("rerun.same", { version: run.version }) },
    ...(live !== null && live !== run.version ? [{ value: "live", label: text("rerun.live", { version: live }) }] : []),
    { value: "draft", label: text("rerun.draft") },
  ] as { value: Which; label: string }[];
  return (
    <ConfirmDialog
      opened
      size="lg"
      title={headOf(text, run.number ?? "", from === null ? null : nameOf(document, from), isList ? asked : undefined)}
      confirm={text("rerun.start")}
      busy={busy}
      disabled={editing && input === undefined}
      onClose={onClose}
      onConfirm={() => void start()}
    >
      <Stack gap="md">
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        <div>
          <p className={style.label}>{text("rerun.on")}</p>
          <SegmentedControl value={which} onChange={choose} data={options} aria-label={text("rerun.on")} />
        </div>
        {from !== null && preview.data && (
          <div className={style.preview}>
            {preview.data.items && <ItemsAgain {...preview.data.items} />}
            <Steps label={text("rerun.reused")} keys={preview.data.reused.map((key) => nameOf(document, key))} hue="ok" />
            <Steps label={text("rerun.runAgain")} keys={preview.data.run_again.map((key) => nameOf(document, key))} hue="run" />
            {preview.data.problems.map((problem) => (
              <p key={problem.message} className={style.problem}>
                {problem.message}
              </p>
            ))}
          </div>
        )}
        {from !== null && isUnread(preview) && <Unread key={which} what={text("rerun.preview")} asked={preview} />}
        {items !== undefined && isList && <Checkbox label={text("messages.again.all")} checked={all} onChange={(event) => runAll(event.currentTarget.checked)} />}
        <Checkbox label={text("rerun.editInput")} checked={editing} onChange={(event) => setEditing(event.currentTarget.checked)} />
        {editing && <CodeEditor value={typed} onChange={setTyped} language="json" label={text("rerun.editInput")} invalid={input === undefined} minHeight={100} />}
      </Stack>
    </ConfirmDialog>
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function headOf(text: Translate, number: number | string, from: string | null, items: ItemsAsked | undefined): string {
  if (from === null) return text("rerun.titleWhole", { number });
  if (items === undefined) return text("rerun.titleFrom", { step: from });
  const index = items === "failed" || items.length > 1 ? undefined : items[0];
  return index === undefined ? text("messages.again.titleFailed", { step: from }) : text("messages.again.titleOne", { step: from, index });
}

/** What of a list runs again and what is taken over. */
function ItemsAgain({ step, again, kept, left }: { step: string; again: number; kept: number; left: number }) {
  const text = useText();
  return (
    <div className={style.steps}>
      <span>{text("messages.again.items", { step })}</span>
      <Tag hue="run">{text("messages.again.run", { count: again })}</Tag>
      {kept > 0 && <Tag hue="ok">{text("messages.again.kept", { count: kept })}</Tag>}
      {left > 0 && <Tag hue="bad">{text("messages.again.left", { count: left })}</Tag>}
    </div>
  );
}

function Steps({ label, keys, hue }: { label: string; keys: readonly string[]; hue: "ok" | "run" }) {
  const text = useText();
  return (
    <div className={style.steps}>
      <span>{label}</span>
      {keys.length === 0 ? <em>{text("common.none")}</em> : keys.slice(0, 40).map((key, at) => <Tag key={at} hue={hue}>{key}</Tag>)}
      {keys.length > 40 && <em>{text("common.json.more", { count: keys.length - 40 })}</em>}
    </div>
  );
}
