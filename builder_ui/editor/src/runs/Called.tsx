import { Link } from "wouter";
import type { Relative } from "@/api/types";
import { useText } from "@/i18n";
import { StatusText } from "@/ui/StatusIcon";
import style from "./StepPane.module.css";

/** The runs a step called, each a way to it. */
export function Called({ runs }: { runs: readonly Relative[] }) {
  const text = useText();
  if (runs.length === 0) return null;
  return (
    <div className={style.part}>
      <h3>{text("calls.children")}</h3>
      {runs.map((run) => (
        <div key={run.run} className={style.line}>
          <Link href={`/runs/${run.run}`}>{`${run.flow_name} #${run.number}`}</Link>
          <StatusText status={run.status} />
        </div>
      ))}
    </div>
  );
}
