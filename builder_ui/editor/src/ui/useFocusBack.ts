import { useEffect, useState } from "react";

/** Where the focus goes back to: to what had it, or, of a menu's entry that goes with its menu, to what opened the menu. */
function originOf(from: Element | null): HTMLElement | null {
  const menu = from?.closest('[role="menu"]') ?? null;
  const origin = menu === null ? from : document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  return origin instanceof HTMLElement && origin !== document.body ? origin : null;
}

/**
 * Gives the focus back to whoever had it when a dialog opened, once the dialog is gone. The dialog's own way does so only for
 * one that stood there closed before it opened; and a focus that has gone elsewhere by then stays there.
 */
export function useFocusBack(opened: boolean): void {
  // Looked at while it is drawn: afterwards the dialog has the focus, and a menu has gone.
  const [before, keep] = useState({ opened, origin: opened ? originOf(document.activeElement) : null });
  if (opened !== before.opened) keep({ opened, origin: opened ? originOf(document.activeElement) : before.origin });
  const { origin } = before;
  useEffect(() => {
    if (!opened) return;
    return () => {
      const now = document.activeElement;
      const isLost = now === null || now === document.body || now.closest('[role="dialog"]') !== null;
      if (isLost && origin?.isConnected) origin.focus({ preventScroll: true });
    };
  }, [opened, origin]);
}
