import { Link } from "wouter";
import { useRuns } from "@/api/queries";
import { useText } from "@/i18n";
import { useRun } from "@/store/run";
import { StatusIcon } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { Duration, RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./RunTable.module.css";

/** The flow's runs, newest first; one is opened on the canvas by a click. */
export function RunTable({ flow, onRun }: { flow: string; onRun: (id: string) => void }) {
  const text = useText();
  const list = useRuns({ flow, limit: 50 });
  const shown = useRun((state) => state.runId);
  const found = list.data?.results ?? [];
  if (isUnread(list, found.length === 0)) return <Unread what={text("runs.tab.runs")} asked={list} />;
  if (found.length === 0) return <p className={style.none}>{list.isPending ? text("common.loading") : text("runs.list.none")}</p>;
  return (
    <div className={style.list} role="list" aria-label={text("runs.tab.runs")}>
      {found.map((run) => (
        <div key={run.id} role="listitem" className={style.place}>
          <button className={style.row} data-on={run.id === shown || undefined} onClick={() => onRun(run.id)}>
            <StatusIcon status={run.status} />
            <strong>{`#${run.number ?? ""}`}</strong>
            <span>{text(`common.status.${run.status}`)}</span>
            <span className={style.tags}>
              <Tag>{run.version === null ? text("runs.draft") : `v${run.version}`}</Tag>
              {run.environment != null && <Tag>{run.environment}</Tag>}
            </span>
            <span className={style.by}>{run.started_by ?? run.trigger ?? ""}</span>
            <span className={style.dim}>
              <RelativeTime at={run.started_at ?? run.created_at} />
            </span>
            <span className={style.took}>
              <Duration from={run.started_at} to={run.finished_at} />
            </span>
          </button>
          {shown === run.id && <span className={style.compare} />}
          {shown !== null && run.id !== shown && (
            <Link href={`/compare/${run.id}/${shown}`} className={style.compare}>
              {text("runs.compare")}
            </Link>
          )}
        </div>
      ))}
    </div>
  );
}
