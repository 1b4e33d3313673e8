/** Every user command, in the order in which menus and the help sheet show them. */
import { listenToClipboard } from "./clipboard";
import type { Command } from "./command";
import { listenToKeys } from "./keyboard";
import { aligning } from "./list/align";
import { breakpoint } from "./list/breakpoint";
import { cancelRun } from "./list/cancel_run";
import { code } from "./list/code";
import { connect } from "./list/connect";
import { copy } from "./list/copy";
import { cut } from "./list/cut";
import { detach } from "./list/detach";
import { disable } from "./list/disable";
import { drawer } from "./list/drawer";
import { duplicate } from "./list/duplicate";
import { exporting } from "./list/export";
import { extract } from "./list/extract";
import { fold } from "./list/fold";
import { grouping } from "./list/group";
import { hand } from "./list/hand";
import { help } from "./list/help";
import { insert } from "./list/insert";
import { inspect } from "./list/inspect";
import { leaveRun } from "./list/leave_run";
import { narrow } from "./list/narrow";
import { note } from "./list/note";
import { nudges } from "./list/nudge";
import { outline } from "./list/outline";
import { palette } from "./list/palette";
import { paste } from "./list/paste";
import { publish } from "./list/publish";
import { reading } from "./list/reading";
import { redo } from "./list/redo";
import { regions } from "./list/region";
import { remove } from "./list/remove";
import { removeAndReconnect } from "./list/remove_and_reconnect";
import { rename } from "./list/rename";
import { run } from "./list/run";
import { runFrom } from "./list/run_from";
import { runOnly } from "./list/run_only";
import { runUntil } from "./list/run_until";
import { selectAll } from "./list/select_all";
import { selectConnected } from "./list/select_connected";
import { selectDownstream } from "./list/select_downstream";
import { selectNone } from "./list/select_none";
import { selectUpstream } from "./list/select_upstream";
import { tidy } from "./list/tidy";
import { tour } from "./list/tour";
import { travel } from "./list/travel";
import { undo } from "./list/undo";
import { walks } from "./list/walk";
import { wide } from "./list/wide";
import { zoomActual } from "./list/zoom_actual";
import { zoomFit } from "./list/zoom_fit";
import { zoomIn } from "./list/zoom_in";
import { zoomOut } from "./list/zoom_out";

export const COMMANDS: readonly Command[] = [
  ...[run, runUntil, runOnly, runFrom, breakpoint, cancelRun, publish],
  ...[undo, redo, cut, copy, paste, duplicate, remove, removeAndReconnect, detach, rename, disable],
  ...[insert, note, connect],
  ...[inspect, narrow, selectAll, selectNone, selectUpstream, selectDownstream, selectConnected, ...walks],
  ...[tidy, ...aligning, ...grouping, fold, extract, ...nudges],
  ...[zoomIn, zoomOut, zoomFit, zoomActual, hand, drawer, outline, code, wide, reading, ...exporting, ...regions, palette, help, tour, ...travel, leaveRun],
];

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

export function commandById(id: string): Command {
  const command = BY_ID.get(id);
  if (command === undefined) throw new RangeError(`there is no command ${id}`);
  return command;
}

/** Let keys and clipboard reach the commands; answers with how to end it. Called once by the app. */
export function listen(): () => void {
  const ends = [listenToKeys(COMMANDS), listenToClipboard()];
  return () => ends.forEach((end) => end());
}

export type { Command, CommandGroup, State } from "./command";
export { perform, stateNow } from "./command";
export { keysOf, useKeysOf } from "./keys";
export { labelled, labelText } from "./label";
