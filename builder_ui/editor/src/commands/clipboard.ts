/** Copy, cut and paste through the system's clipboard, as document JSON. */
import { requestOf, type Request } from "@/document/curl";
import { clipOf, clipText, cornerOf, fitted, fragmentOf, shifted } from "@/document/fragment";
import { along, roomOf } from "@/document/groups";
import type { Fragment } from "@/document/operation";
import { freePlace, snapped } from "@/document/places";
import type { Position } from "@/document/types";
import { stateNow, type State } from "./command";
import { boxesInHand, mayEdit, verbatimOf } from "./editing";
import { insertNode, placeFor } from "./inserting";
import { isTyping } from "./keyboard";
import { labelled } from "./label";

/** What is selected, a group with all that lies on it. */
function selected(state: State): Fragment {
  const { document, selection } = state.editor;
  const { nodes, notes } = along(document, selection, boxesInHand(state));
  return fragmentOf(document, nodes, notes);
}

const isNothing = (fragment: Fragment): boolean => fragment.nodes.length + fragment.notes.length === 0;

/** Put a fragment on the canvas with its corner at `at` and select it. */
function place(state: State, fragment: Fragment, at: Position, label: "paste" | "duplicate"): void {
  const { editor } = state;
  const corner = cornerOf(fragment);
  const to = snapped(at);
  const moved = aside(state, shifted(fragment, { x: to.x - corner.x, y: to.y - corner.y }));
  const fresh = fitted(moved, editor.document, verbatimOf(state));
  const count = fresh.nodes.length + fresh.notes.length;
  editor.dispatch({ kind: "add_fragment", fragment: fresh }, labelled(`commands.edit.${label}`, { count }));
  editor.select({ nodes: fresh.nodes.map((node) => node.id), notes: fresh.notes.map((note) => note.id) });
}

/** A group goes where no node stands: it would lie on the group as well. */
function aside(state: State, fragment: Fragment): Fragment {
  const room = roomOf(fragment);
  if (room === null) return fragment;
  const free = freePlace(room, boxesInHand(state).values(), room);
  return shifted(fragment, { x: free.x - room.x, y: free.y - room.y });
}

export function duplicateSelection(state: State): void {
  const fragment = selected(state);
  if (isNothing(fragment) || !mayEdit(state)) return;
  const corner = cornerOf(fragment);
  place(state, fragment, { x: corner.x + 32, y: corner.y + 32 }, "duplicate");
}

export function pasteText(state: State, text: string): boolean {
  if (!mayEdit(state)) return false;
  const request = requestOf(text);
  if (request !== null) return pasteRequest(state, request);
  const fragment = clipOf(text);
  if (fragment === null || isNothing(fragment)) return false;
  place(state, fragment, state.view.canvas?.pointer() ?? cornerOf(fragment), "paste");
  return true;
}

/** A cURL command becomes a node that does the same, wired to the selection or to the only end; what it could not take along is told. */
function pasteRequest(state: State, { config, left }: Request): boolean {
  const id = insertNode(state, "http.request", placeFor(state, state.view.canvas?.pointer() ?? { x: 0, y: 0 }), config);
  if (id === null) return false;
  state.view.canvas?.show(id);
  state.view.tell(left.length === 0 ? { key: "first.curl.added" } : { key: "first.curl.left", params: { what: left.join(", ") } });
  return true;
}

/** What was copied goes, and nothing else. */
function cut({ editor }: State, fragment: Fragment): void {
  const nodes = fragment.nodes.map((node) => node.id);
  const notes = fragment.notes.map((note) => note.id);
  editor.dispatch({ kind: "remove", nodes, notes }, labelled("commands.edit.cut", { count: nodes.length + notes.length }));
}

/** Answer the browser's own clipboard events, so that no permission need be asked for. */
export function listenToClipboard(): () => void {
  const onCopy = (event: ClipboardEvent) => {
    const state = stateNow();
    const isText = (window.getSelection()?.toString() ?? "") !== "";
    const fragment = selected(state);
    if (isTyping(event.target) || isText || isNothing(fragment)) return;
    event.clipboardData?.setData("text/plain", clipText(fragment));
    event.preventDefault();
    if (event.type === "cut" && mayEdit(state)) cut(state, fragment);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (isTyping(event.target)) return;
    if (pasteText(stateNow(), event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
  };
  document.addEventListener("copy", onCopy);
  document.addEventListener("cut", onCopy);
  document.addEventListener("paste", onPaste);
  return () => {
    document.removeEventListener("copy", onCopy);
    document.removeEventListener("cut", onCopy);
    document.removeEventListener("paste", onPaste);
  };
}
