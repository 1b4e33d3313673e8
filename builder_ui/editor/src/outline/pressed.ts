/**
 * Keys in the outline: those every tree has, and the few commands that mean the row rather than the selection. All other
 * keys are the commands' own; they act on what is selected, here as on the canvas.
 */
import type { KeyboardEvent } from "react";
import { commandById, keysOf, stateNow } from "@/commands";
import { mayEdit } from "@/commands/editing";
import { placeAfter } from "@/commands/inserting";
import { chordOf } from "@/commands/keyboard";
import { nodeKey, type OutlineRow } from "@/document/outline";
import { useView } from "@/store/view";

export interface Tree {
  rows: readonly OutlineRow[];
  active: number;
  go: (index: number, extend?: boolean) => void;
  fold: (key: string, isOpen: boolean) => void;
  rename: (node: string) => void;
}

const PAGE = 10;

export function pressed(event: KeyboardEvent, tree: Tree): void {
  if (event.defaultPrevented || event.nativeEvent.isComposing || !(walks(event, tree) || acts(event, tree))) return;
  event.preventDefault();
  event.stopPropagation();
}

function walks(event: KeyboardEvent, { rows, active, go, fold }: Tree): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const row = rows[active];
  const to = (index: number): true => {
    go(Math.max(0, Math.min(rows.length - 1, index)), event.shiftKey);
    return true;
  };
  switch (event.key) {
    case "ArrowDown":
      return to(active + 1);
    case "ArrowUp":
      return to(active - 1);
    case "PageDown":
      return to(active + PAGE);
    case "PageUp":
      return to(active - PAGE);
    case "Home":
      return to(0);
    case "End":
      return to(rows.length - 1);
    case "ArrowRight":
      if (row?.kind === "edge") return to(rows.findIndex((each) => each.key === nodeKey(row.edge.to)));
      if (row?.isOpen === false) fold(row.key, true);
      else if (row?.isOpen === true) to(active + 1);
      return true;
    case "ArrowLeft":
      if (row?.isOpen === true) fold(row.key, false);
      else if (row?.parent != null) to(rows.findIndex((each) => each.key === row.parent));
      return true;
    default:
      return false;
  }
}

function acts(event: KeyboardEvent, { rows, active, rename }: Tree): boolean {
  const row = rows[active];
  const state = stateNow();
  if (row === undefined || !mayEdit(state)) return false;
  const is = (id: string): boolean => keysOf(commandById(id)).includes(chordOf(event.nativeEvent));
  if (row.kind === "node" && is("rename")) rename(row.node);
  else if (row.kind === "port" && (is("connect") || is("inspect"))) useView.getState().setConnectFrom({ node: row.node, port: row.port });
  else if (row.kind === "port" && is("insert")) insertAt(row.node, row.port);
  else return false;
  return true;
}

function insertAt(node: string, port: string): void {
  const state = stateNow();
  const { canvas, openInsert } = state.view;
  if (canvas !== null) openInsert({ from: { node, port }, canvas: placeAfter(state, node), screen: canvas.pointerOnScreen() });
}
