import { useEffect, useState } from "react";

/** Whether a dialog is open, a frame late: one that is drawn for the first time must open, to know where the focus was. */
export function useShownLate(isOpen: boolean): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setShown(isOpen));
    return () => cancelAnimationFrame(frame);
  }, [isOpen]);
  return shown;
}
