import { IconArrowForwardUp } from "@tabler/icons-react";
import { canRedo, redoLabel } from "@/document/history";
import { t } from "@/i18n";
import type { Command } from "../command";
import { mayEdit } from "../editing";
import { labelText } from "../label";

export const redo: Command = {
  id: "redo",
  label: "commands.name.redo",
  group: "edit",
  icon: IconArrowForwardUp,
  keys: ["Mod+Shift+Z", "Mod+Y"],
  said: ({ editor }) => {
    const label = redoLabel(editor.history);
    return label === null ? t("commands.name.redo") : t("commands.name.redoWhat", { what: labelText(label) });
  },
  when: (state) => mayEdit(state) && canRedo(state.editor.history),
  perform: ({ editor, view }) => {
    const label = redoLabel(editor.history);
    editor.redo();
    if (label) view.say({ key: "commands.name.redoWhat", params: { what: labelText(label) } });
  },
};
