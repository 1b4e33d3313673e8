/** Four ways to move the selection by one square of the grid. */
import { IconArrowNarrowDown, IconArrowNarrowLeft, IconArrowNarrowRight, IconArrowNarrowUp, type Icon } from "@tabler/icons-react";
import { GRID, movesOf, type Way } from "@/document/places";
import type { Position } from "@/document/types";
import type { Command, State } from "../command";
import { hasItems, mayEdit } from "../editing";
import { labelled } from "../label";

const ICONS: Record<Way, Icon> = { left: IconArrowNarrowLeft, right: IconArrowNarrowRight, up: IconArrowNarrowUp, down: IconArrowNarrowDown };
const NAMES = { left: "Left", right: "Right", up: "Up", down: "Down" } as const;
const STEPS: Record<Way, Position> = { left: { x: -GRID, y: 0 }, right: { x: GRID, y: 0 }, up: { x: 0, y: -GRID }, down: { x: 0, y: GRID } };

function move({ editor }: State, by: Position): void {
  const { nodes, notes } = editor.selection;
  const positions = movesOf(editor.document, nodes, by);
  for (const note of editor.document.notes ?? []) {
    if (notes.includes(note.id)) positions[note.id] = { x: note.position.x + by.x, y: note.position.y + by.y };
  }
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
