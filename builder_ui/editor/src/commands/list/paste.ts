import { IconClipboard } from "@tabler/icons-react";
import { pasteText } from "../clipboard";
import { stateNow, type Command } from "../command";
import { mayEdit } from "../editing";

/** The keys stir the browser's own paste, which `clipboard.ts` answers; a menu reads the clipboard, by the reader's leave. */
export const paste: Command = {
  id: "paste",
  label: "commands.name.paste",
  group: "edit",
  icon: IconClipboard,
  keys: ["Mod+V"],
  when: mayEdit,
  perform: async () => {
    const text = await navigator.clipboard?.readText().catch(() => "");
    pasteText(stateNow(), text ?? "");
  },
};
