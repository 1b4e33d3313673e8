/** Four ways to walk from node to node; with Shift what was selected stays so. */
import { IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, type Icon } from "@tabler/icons-react";
import { neighbour, type Way } from "@/document/places";
import type { Command, State } from "../command";
import { boxes } from "../editing";

const ICONS: Record<Way, Icon> = { left: IconArrowLeft, right: IconArrowRight, up: IconArrowUp, down: IconArrowDown };
const NAMES = { left: "Left", right: "Right", up: "Up", down: "Down" } as const;

function walkTo(state: State, way: Way, extend: boolean): void {
  const { editor, view } = state;
  const all = boxes(state);
  const from = editor.selection.nodes.at(-1);
  const to = from === undefined ? (editor.document.nodes[0]?.id ?? null) : neighbour(from, way, all);
  if (to === null) return;
  const kept = extend ? editor.selection.nodes.filter((id) => id !== to) : [];
  editor.select({ nodes: [...kept, to] });
  view.canvas?.show(to);
}

const walk = (way: Way, extend: boolean): Command => ({
  id: `${extend ? "extend" : "walk"}-${way}`,
  label: `commands.name.${extend ? "extend" : "walk"}${NAMES[way]}`,
  group: "select",
  icon: ICONS[way],
  keys: [`${extend ? "Shift+" : ""}Arrow${NAMES[way]}`],
  when: ({ editor }) => editor.document.nodes.length > 0,
  perform: (state) => walkTo(state, way, extend),
});

const WAYS: readonly Way[] = ["left", "right", "up", "down"];

export const walks: readonly Command[] = [...WAYS.map((way) => walk(way, false)), ...WAYS.map((way) => walk(way, true))];
