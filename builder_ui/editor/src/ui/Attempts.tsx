import { useText } from "@/i18n";
import { ErrorCard } from "./ErrorCard";
import type { Status } from "./status";
import { StatusIcon } from "./StatusIcon";
import { clockText } from "./time";
import { Duration } from "./Times";
import style from "./Attempts.module.css";

export interface AttemptTold {
  attempt: number;
  status: Status;
  started_at: string | null;
  finished_at: string | null;
  error: { message: string; code?: string; class?: string; hint?: string | null } | null;
}

/** The tries of a step, oldest first: when, how long, and why one failed. */
export function Attempts({ attempts }: { attempts: readonly AttemptTold[] }) {
  const text = useText();
  return (
    <ol className={style.attempts}>
      {attempts.map((each) => (
        <li key={each.attempt}>
          <div className={style.line}>
            <StatusIcon status={each.status} />
            <strong>{text("common.attempt", { count: each.attempt })}</strong>
            {each.started_at !== null && <time dateTime={each.started_at}>{clockText(each.started_at)}</time>}
            <span className={style.long}>
              <Duration from={each.started_at} to={each.finished_at} />
            </span>
          </div>
          {each.error !== null && <ErrorCard error={each.error} />}
        </li>
      ))}
    </ol>
  );
}
