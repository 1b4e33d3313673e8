/** Four ways to move the selection by one square of the grid. */
import { IconArrowNarrowDown, IconArrowNarrowLeft, IconArrowNarrowRight, IconArrowNarrowUp, type Icon } from "@tabler/icons-react";
import { movesWith } from "@/document/groups";
import { GRID, type Way } from "@/document/places";
import type { Position } from "@/document/types";
import type { Command, State } from "../command";
import { boxesInHand, hasItems, mayEdit } from "../editing";
import { labelled } from "../label";

const ICONS: Record<Way, Icon> = { left: IconArrowNarrowLeft, right: IconArrowNarrowRight, up: IconArrowNarrowUp, down: IconArrowNarrowDown };
const NAMES = { left: "Left", right: "Right", up: "Up", down: "Down" } as const;
const STEPS: Record<Way, Position> = { left: { x: -GRID, y: 0 }, right: { x: GRID, y: 0 }, up: { x: 0, y: -GRID }, down: { x: 0, y: GRID } };

function move(state: State, by: Position): void {
  const { editor } = state;
  const { nodes, notes } = editor.selection;
  const positions = movesWith(editor.document, editor.selection, by, boxesInHand(state));
  const gesture = `nudge:${[...nodes, ...notes].join()}`;
  editor.dispatch({ kind: "move", positions }, labelled("commands.edit.move", { count: nodes.length + notes.length }), gesture);
}

const nudge = (way: Way): Command => ({
  id: `nudge-${way}`,
  label: `commands.name.nudge${NAMES[way]}`,
  group: "arrange",
  icon: ICONS[way],
  keys: [`Mod+Arrow${NAMES[way]}`],
  when: (state) => mayEdit(state) && hasItems(state),
  perform: (state) => move(state, STEPS[way]),
});

export const nudges: readonly Command[] = (["left", "right", "up", "down"] as const).map(nudge);
