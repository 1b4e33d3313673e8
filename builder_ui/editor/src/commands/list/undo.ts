import { IconArrowBackUp } from "@tabler/icons-react";
import { canUndo, undoLabel } from "@/document/history";
import { t } from "@/i18n";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { labelText } from "../label";

export const undo: Command = {
  id: "undo",
  label: "commands.name.undo",
  group: "edit",
  icon: IconArrowBackUp,
  keys: ["Mod+Z"],
  said: ({ editor }) => {
    const label = undoLabel(editor.history);
    return label === null ? t("commands.name.undo") : t("commands.name.undoWhat", { what: labelText(label) });
  },
  when: (state) => mayEdit(state) && canUndo(state.editor.history),
  perform: ({ editor, view }) => {
    const label = undoLabel(editor.history);
    editor.undo();
    if (label) view.say({ key: "commands.name.undoWhat", params: { what: labelText(label) } });
  },
};
