import { Button } from "@mantine/core";
import { useText } from "@/i18n";
import { useDry } from "@/store/dry";
import style from "./Layout.module.css";

/** Says on the canvas that what it shows is a dry run: the way of a run that never was. */
export function DryMark() {
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
