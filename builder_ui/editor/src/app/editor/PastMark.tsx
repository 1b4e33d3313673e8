import { Button } from "@mantine/core";
import { useText } from "@/i18n";
import { useDry } from "@/store/dry";
import { isOver } from "@/store/fold";
import { useRun } from "@/store/run";
import { instantText } from "@/ui/time";
import style from "./Layout.module.css";

/** Says on the canvas that what it shows is past, and when that was. */
export function PastMark({ withButton }: { withButton: boolean }) {
  const text = useText();
  const cursor = useRun((state) => state.cursor);
  const moment = useRun((state) => state.moment);
  const isDone = useRun((state) => state.live !== null && isOver(state.live.status));
  const isDry = useDry((state) => state.played !== null);
  if (isDry) return <DryMark />;
  if (cursor === null) return null;
  return (
    <div className={style.past} data-testid="past">
      {moment === null ? text("common.loading") : text("timetravel.wasAt", { when: instantText(moment.at) })}
      {withButton && (
        <Button size="compact-xs" variant="white" onClick={() => useRun.getState().lookAt(null)}>
          {text(isDone ? "timetravel.backToEnd" : "timetravel.backToLive")}
        </Button>
      )}
    </div>
  );
}

/** Says on the canvas that what it shows is a dry run: the way of a run that never was. */
function DryMark() {
  const text = useText();
  const status = useDry((state) => state.played?.view.status ?? null);
  if (status === null) return null;
  return (
    <div className={style.past} data-testid="dry-run">
      {text("dry.mark", { status: text(`common.status.${status}`) })}
      <Button size="compact-xs" variant="white" onClick={() => useDry.getState().leave()}>
        {text("dry.leave")}
      </Button>
    </div>
  );
}
