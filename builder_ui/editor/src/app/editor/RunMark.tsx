import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useText, withWords } from "@/i18n";
import { useRun, useRunHead } from "@/store/run";
import { StatusIcon } from "@/ui/StatusIcon";
import { Duration } from "@/ui/Times";
import { useTurn } from "@/ui/useTurn";
import style from "./Header.module.css";
import { InLine } from "./InLine";

const Beside = lazy(() => withWords(import("./Beside")).then((module) => ({ default: module.Beside })));

/** The run on the canvas: its number, how it goes, how long. */
export function RunMark() {
  const text = useText();
  const run = useRunHead();
  const connection = useRun((state) => state.connection);
  const areOthersThere = useTurn(run !== null);
  if (run === null) return null;
  return (
    <span className={style.chip} data-testid="run-chip" data-status={run.status}>
      <StatusIcon status={run.status} silent />
      <span>
        {text("app.editor.runChip", { number: run.number ?? "", status: text(`common.status.${run.status}`) })}{" "}
        {run.startedAt !== null && <Duration from={run.startedAt} to={run.finishedAt} />}
        <InLine run={run.id} status={run.status} />
        {connection === "waiting" && ` · ${text("app.editor.reconnecting")}`}
      </span>
      {areOthersThere && (
        <Suspense>
          <Beside run={run.id} onRun={(other) => useRun.getState().follow(other)} />
        </Suspense>
      )}
      <ActionIcon size={20} aria-label={text("commands.name.leaveRun")} onClick={() => useRun.getState().leave()}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
