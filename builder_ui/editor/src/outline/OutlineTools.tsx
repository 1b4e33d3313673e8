import { ActionIcon } from "@mantine/core";
import { commandById, perform, stateNow, useKeysOf } from "@/commands";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { withChord } from "@/ui/platform";
import style from "./Outline.module.css";

const SHOWN = ["insert", "connect", "inspect", "run-until", "run-only", "disable", "delete"].map(commandById);

/** What may be done with the row that is chosen, for whoever doesn't know the keys. */
export function OutlineTools() {
  const text = useText();
  const keysOf = useKeysOf();
  // What may be done changes with these; the commands themselves say how.
  useEditor((state) => state.selection);
  useEditor((state) => state.document);
  useView((state) => state.canvas);
  return (
    <div className={style.tools} role="toolbar" aria-label={text("outline.tools")}>
      {SHOWN.map((command) => (
        <ActionIcon key={command.id} size={28} disabled={!command.when(stateNow())} aria-label={text(command.label)} title={withChord(text(command.label), keysOf(command)[0])} onClick={() => void perform(command)}>
          <command.icon size={16} stroke={1.7} />
        </ActionIcon>
      ))}
    </div>
  );
}
