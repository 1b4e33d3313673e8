/** Every user command, in the order in which menus and the help sheet show them. */
import type { Command } from "./command";

export const COMMANDS: readonly Command[] = [];

export type { Command, CommandGroup, State } from "./command";
export { perform, stateNow } from "./command";
