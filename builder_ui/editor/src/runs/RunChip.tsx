import type { RunSummary } from "@/api/types";
import { useText } from "@/i18n";
import { StatusIcon } from "@/ui/StatusIcon";
import style from "./RunsDrawer.module.css";

/** A run as a chip: its mark and its number. */
export function RunChip({ run, active, onClick }: { run: RunSummary; active: boolean; onClick: () => void }) {
  const text = useText();
  return (
    <button className={style.chip} data-active={active || undefined} aria-pressed={active} onClick={onClick} title={text(`common.status.${run.status}`)}>
      <StatusIcon status={run.status} size={14} />
      {`#${run.number ?? ""}`}
    </button>
  );
}
