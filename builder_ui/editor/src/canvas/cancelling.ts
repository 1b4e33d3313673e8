/** Escape, or the keys of undo, in the middle of what the hand does: it ends as if it had never begun. It decides what that is, and refuses to know what each gesture would have done. */
import type { useStoreApi } from "@xyflow/react";
import { chordOf } from "@/commands/keyboard";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { lassoNever } from "./lasso";

type Store = ReturnType<typeof useStoreApi<DrawnNode, DrawnEdge>>;

/** With Alt, which takes cards out of their chain, it is Escape too. */
const takesBack = (event: KeyboardEvent): boolean => event.key === "Escape" || chordOf(event) === "Mod+Z";

let isCancelled = false;

/** Whether what ends at this moment was taken back: it does nothing. */
export const isCancelledNow = (): boolean => isCancelled;

/** The graph library knows one end of a drag: the button let go. */
function letGo(): void {
  isCancelled = true;
  document.dispatchEvent(new MouseEvent("mouseup", { bubbles: true, cancelable: true, view: window }));
  isCancelled = false;
}

/** Listen until what is answered is called. */
export function keepCancellable(store: Store): () => void {
  const endLasso = (): void => {
    // First nothing is drawn around, and then nobody draws: so nothing is taken.
    store.setState({ userSelectionRect: null });
    store.setState({ userSelectionActive: false });
    useEditor.getState().select(lassoNever());
  };
  const onKey = (event: KeyboardEvent): void => {
    if (!takesBack(event)) return;
    const { userSelectionActive, connection } = store.getState();
    const isDragging = connection.inProgress || useView.getState().holding;
    if (!userSelectionActive && !isDragging) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isDragging) letGo();
    else endLasso();
  };
  window.addEventListener("keydown", onKey, true);
  return () => window.removeEventListener("keydown", onKey, true);
}
