import { useRef, useState, type FocusEvent, type KeyboardEvent } from "react";
import type { Keyed } from "./DataTable";

/** What the keys do to the row that has the focus: `x` chooses it (with Shift all from the last one), Enter opens it. */
export interface RowKeys<T> {
  chosen: ReadonlySet<string>;
  choose: (rows: readonly T[], on: boolean) => void;
  open: (row: T) => void;
  clear: () => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** One row of a list takes the focus; arrows move it, `x` chooses, Enter opens, Escape lets all go. */
export function useRowKeys<T extends { id: string }>(rows: readonly T[], keys: RowKeys<T>): Keyed {
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const at = Math.max(0, rows.findIndex((row) => row.id === active));

  const goTo = (place: number): void => {
    const next = rows[place];
    if (next === undefined) return;
    setActive(next.id);
    body.current?.rows[place]?.focus();
  };

  const chooseFrom = (place: number, isRange: boolean): void => {
    const row = rows[place];
    if (row === undefined) return;
    const from = isRange ? rows.findIndex((each) => each.id === anchor.current) : -1;
    if (from >= 0) keys.choose(rows.slice(Math.min(from, place), Math.max(from, place) + 1), true);
    else keys.choose([row], !keys.chosen.has(row.id));
    anchor.current = row.id;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTableSectionElement>): void => {
    // A link or a box inside a row has keys of its own; arrows still lead away from it.
    const isRow = event.target instanceof HTMLTableRowElement;
    const row = rows[at];
    if (row === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) goTo(Math.min(rows.length - 1, Math.max(0, at + step)));
    // The place of the key: on a Korean layout it writes another letter.
    else if (event.code === "KeyX") chooseFrom(at, event.shiftKey);
    else if (event.key === "Enter" && isRow) keys.open(row);
    else if (event.key === "Escape" && keys.chosen.size > 0) keys.clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Wherever in a row the focus goes, that row is the one the keys mean. */
  const onFocus = (event: FocusEvent): void => {
    const inside = event.target.closest("tr");
    const place = inside instanceof HTMLTableRowElement ? inside.sectionRowIndex : -1;
    const row = rows[place];
    if (row !== undefined) setActive(row.id);
  };

  return { chosen: keys.chosen, body, at, onKeyDown, onFocus };
}
