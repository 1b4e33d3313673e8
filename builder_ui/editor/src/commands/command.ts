/** What a user command is. Menus, keyboard, palette and help sheet all read the same list of these. */
import type { Icon } from "@tabler/icons-react";
import { useEditor, type EditorState } from "@/store/editor";
import { useRun, type RunState } from "@/store/run";
import { useSaving, type SavingState } from "@/store/saving";
import { useView, type ViewState } from "@/store/view";
import type { TextKey } from "@/i18n";

export interface State {
  editor: EditorState;
  run: RunState;
  view: ViewState;
  saving: SavingState;
}

export type CommandGroup = "run" | "edit" | "insert" | "select" | "arrange" | "view";

export interface Command {
  id: string;
  label: TextKey;
  /** What it is called now, where that says more than its label: `Undo: delete 3 nodes`. */
  said?: (state: State) => string;
  group: CommandGroup;
  icon: Icon;
  /** Ways to press it, such as `Mod+Shift+Z`; Mod is Ctrl, or Command on a Mac. The first is the one shown. */
  keys: readonly string[];
  when: (state: State) => boolean;
  perform: (state: State) => void | Promise<void>;
}

/** The state as it stands, for commands run outside React. */
export const stateNow = (): State => ({
  editor: useEditor.getState(),
  run: useRun.getState(),
  view: useView.getState(),
  saving: useSaving.getState(),
});

/** Run a command if it may be run now; says whether it was. */
export function perform(command: Command): boolean {
  const state = stateNow();
  if (!command.when(state)) return false;
  void command.perform(state);
  return true;
}
