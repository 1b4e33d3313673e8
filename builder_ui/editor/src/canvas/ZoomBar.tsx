import { commandById, perform, stateNow, useKeysOf, type Command } from "@/commands";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { withChord } from "@/ui/platform";
import { useMoving } from "./moving";
import style from "./Canvas.module.css";

const known = (id: string): Command => commandById(id);

function BarButton({ command, pressed, children }: { command: Command; pressed?: boolean; children?: React.ReactNode }) {
  const text = useText();
  const label = text(command.label);
  const [key] = useKeysOf()(command);
  const Icon = command.icon;
  return (
    <button type="button" title={withChord(label, key)} aria-label={label} aria-pressed={pressed} disabled={!command.when(stateNow())} onClick={() => perform(command)}>
      {children ?? <Icon size={16} stroke={1.7} aria-hidden />}
    </button>
  );
}

/** Zoom, fit, hand and tidy. */
export function ZoomBar() {
  const text = useText();
  const percent = useMoving((view) => Math.round(view.zoom * 100));
  const isHand = useView((state) => state.hand);
  // What may be done changes with these; the commands themselves say how.
  useEditor((state) => state.readOnly || state.document.nodes.length === 0);
  useView((state) => state.canvas);
  return (
    <div className={style.bar} role="toolbar" aria-label={text("canvas.zoom.bar")}>
      <BarButton command={known("zoom-out")} />
      <BarButton command={known("zoom-actual")}>
        <span className={style.percent}>{text("canvas.zoom.percent", { count: percent })}</span>
      </BarButton>
      <BarButton command={known("zoom-in")} />
      <BarButton command={known("zoom-fit")} />
      <BarButton command={known("hand")} pressed={isHand} />
      <BarButton command={known("tidy")}>{text("commands.name.tidy")}</BarButton>
    </div>
  );
}
