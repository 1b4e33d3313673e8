import { Radio, Stack, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { flows, versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { beginCanary, environmentKeys, goingLive } from "@/api/environments";
import { keys, useFlow } from "@/api/queries";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { flushSaving } from "@/store/opening";
import { useView } from "@/store/view";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { BackTest } from "./BackTest";
import { STEPS } from "./CanaryDialog";
import { DiffList } from "./DiffList";
import style from "./versions.module.css";

type How = "all" | "steps" | "none";
const HOW = ["all", "steps", "none"] as const;
const GUARDS = { error_rate: 0.05, min_runs: 20, minutes: 10 };

interface Props {
  flow: string;
  onClose: () => void;
  onPublished: (version: number) => void;
  onProblems: () => void;
}

/** Publish the draft: what changes for new runs is shown, or what stands in the way. */
export function PublishDialog({ flow, onClose, onPublished, onProblems }: Props) {
  const text = useText();
  const client = useQueryClient();
  const problems = useEditor((state) => state.problems);
  const { data: about } = useFlow(flow);
  const [note, setNote] = useState("");
  const [how, setHow] = useState<How>("all");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const live = about?.live_version ?? null;
  const diff = useQuery({
    queryKey: [...keys.flow(flow), "diff", live, "draft"],
    queryFn: async () => {
      await flushSaving();
      return versions.diff(flow, live ?? 1);
    },
    enabled: live !== null,
    staleTime: 0,
    gcTime: 0,
  });
  const seen = useQuery({
    queryKey: environmentKeys.foreseenPublishing(flow),
    queryFn: async () => {
      await flushSaving();
      return goingLive.foreseePublishing(flow);
    },
    enabled: problems.length === 0,
    staleTime: 0,
    gcTime: 0,
  });
  const obstacles = seen.data?.obstacles ?? [];
  // A canary leaves the triggers as they are.
  const against = how === "all" ? obstacles : how === "steps" ? obstacles.filter((each) => each.code !== "path_taken") : [];
  const publish = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await flushSaving();
      const made = await flows.publish(flow, note, how === "all");
      const begun = how === "steps" ? await beginCanary(flow, { version: made.version, steps: STEPS, guards: GUARDS }) : null;
      const isProposed = made.proposal !== null || begun === "proposed";
      await client.invalidateQueries({ queryKey: keys.flows });
      if (how === "all" && !isProposed) onPublished(made.version);
      else {
        notify(isProposed ? text("environments.publish.proposed", { version: made.version }) : text(how === "steps" ? "releases.how.begun" : "releases.how.published", { version: made.version }));
        onClose();
      }
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      if (refused.problems.length > 0) useEditor.getState().setProblems(refused.problems);
      setError(refused);
      void seen.refetch();
    } finally {
      setBusy(false);
    }
  };
  const blocked = problems.length > 0;
  return (
    <ConfirmDialog
      opened
      size="lg"
      title={text("versions.publish.title")}
      confirm={blocked ? text("versions.publish.seeProblems") : text("versions.publish.confirm")}
      busy={busy}
      disabled={!blocked && against.length > 0}
      onClose={onClose}
      onConfirm={() => {
        if (blocked) onProblems();
        else void publish();
      }}
    >
      <div className={style.dialog}>
        {blocked ? (
          <div className={style.problems}>
            <p>{text("versions.publish.blocked", { count: problems.length })}</p>
            <ul>
              {problems.slice(0, 6).map((problem, at) => (
                <li key={at}>
                  <button
                    type="button"
                    onClick={() => {
                      onProblems();
                      if (problem.node !== null) useView.getState().focus({ node: problem.node, path: (problem.path ?? "").replace(/^\/nodes\/\d+/, "") });
                    }}
                  >
                    {problem.message}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ) : (
          <>
            {error !== null && <ErrorCard error={whyOf(text, error)} />}
            <p className={style.lead}>{live === null ? text("versions.publish.first") : text("versions.publish.help", { version: live })}</p>
            {against.length > 0 && (
              <div className={style.problems} role="alert">
                <p>{text("releases.how.against")}</p>
                <ul>
                  {against.map((each) => (
                    <li key={`${each.code} ${each.message}`}>{[each.message, each.hint].join(" ")}</li>
                  ))}
                </ul>
              </div>
            )}
            {isUnread(diff) ? <Unread what={text("versions.diff.what")} asked={diff} /> : diff.data && <DiffList changes={diff.data.changes} />}
            {live !== null && <BackTest flow={flow} />}
            <Textarea data-autofocus size="sm" label={text("versions.publish.note")} placeholder={text("versions.publish.noteHint")} autosize minRows={2} maxRows={6} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
            {(live !== null || obstacles.length > 0) && (
              <Radio.Group label={text("releases.how.label")} value={how} onChange={(next) => setHow(HOW.find((each) => each === next) ?? "all")}>
                <Stack gap={6} mt={4}>
                  {HOW.filter((each) => live !== null || each !== "steps").map((each) => (
                    <Radio key={each} value={each} label={text(`releases.how.${each}`)} description={each === "steps" ? text("releases.how.stepsHelp") : undefined} />
                  ))}
                </Stack>
              </Radio.Group>
            )}
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
