import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { RunEvent } from "@/api/types";
import type { JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useRun } from "@/store/run";
import { LogLines, type LineTold } from "@/ui/LogLines";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./Logs.module.css";
import { useJournal } from "./useJournal";

const MOST = 2_000;

/** What the steps logged, or the journal itself, event by event. */
export function Logs({ onStep }: { onStep: (key: string) => void }) {
  const text = useText();
  const { told, asked } = useJournal();
  const cursor = useRun((state) => state.cursor);
  const events = useMemo(() => (cursor === null ? told : told.filter(({ seq }) => seq <= cursor)), [told, cursor]);
  const [what, show] = useState<"logs" | "journal">("logs");
  const lines = useMemo(() => (what === "logs" ? loggedIn(events) : events.map(journalLine)).slice(-MOST), [events, what]);
  return (
    <div className={style.logs}>
      <div className={style.bar}>
        <SegmentedControl
          aria-label={text("runs.tab.logs")}
          value={what}
          onChange={show}
          data={[
            { value: "logs", label: text("runs.logs.logged") },
            { value: "journal", label: text("runs.logs.journal") },
          ]}
        />
      </div>
      {isUnread(asked) && <Unread what={text("runs.logs.before")} asked={asked} />}
      {lines.length === 0 && isUnread(asked) ? null : lines.length === 0 ? <p className={style.none}>{text("runs.logs.none")}</p> : <LogLines lines={lines} onStep={onStep} />}
    </div>
  );
}

/** The lines that stand beside the ends of attempts. */
export function loggedIn(events: readonly RunEvent[]): LineTold[] {
  return events.flatMap((event) => {
    const seen = event.data.seen as { logs?: LineTold[] } | undefined;
    return Array.isArray(seen?.logs) ? seen.logs.map((line) => ({ ...line, ...(event.step === null ? {} : { step: event.step }) })) : [];
  });
}

const FAILURES = new Set(["step_failed", "run_failed", "alert_raised"]);
const WARNINGS = new Set(["step_retrying", "attempt_lost", "step_uncertain", "run_timed_out", "run_over_limit"]);

function journalLine(event: RunEvent): LineTold {
  const { seen: _seen, ...data } = event.data as JsonObject & { seen?: unknown };
  const level = FAILURES.has(event.kind) ? "error" : WARNINGS.has(event.kind) ? "warning" : "info";
  return { at: event.at, level, message: `${event.seq} ${event.kind}`, fields: data, ...(event.step === null ? {} : { step: event.step }) };
}
