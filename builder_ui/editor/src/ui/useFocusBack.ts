import { useEffect, useState } from "react";

/** Where the focus goes back to: to what had it, or, of a menu's entry that goes with its menu, to what opened the menu. */
function originOf(from: Element | null): HTMLElement | null {
  const menu = from?.closest('[role="menu"]') ?? null;
  const origin = menu === null ? from : document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  return origin instanceof HTMLElement && origin !== document.body ? origin : null;
}

/** Whether the focus is nowhere, or in a dialog that goes: one that what had the focus doesn't stand in itself. */
function isLost(origin: HTMLElement): boolean {
  const now = document.activeElement;
  if (now === null || now === document.body) return true;
  const dialog = now.closest('[role="dialog"]');
  return dialog !== null && !dialog.contains(origin);
}

/**
 * Gives the focus back to whoever had it when a dialog opened, once the dialog is gone; and to a button that nobody could
 * press while its work was under way, once it is done. A dialog's own way does so only for one that stood there closed before
 * it opened; and a focus that has gone elsewhere by then stays there.
 */
export function useFocusBack(opened: boolean): void {
  // Looked at while it is drawn: afterwards the dialog has the focus, and a menu has gone.
  const [before, keep] = useState({ opened, origin: opened ? originOf(document.activeElement) : null });
  if (opened !== before.opened) keep({ opened, origin: opened ? originOf(document.activeElement) : before.origin });
  const { origin } = before;
  useEffect(() => {
    if (!opened) return;
    return () => {
      if (origin?.isConnected && isLost(origin)) origin.focus({ preventScroll: true });
    };
  }, [opened, origin]);
}
