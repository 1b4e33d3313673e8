import { useState, type ReactNode } from "react";
import { Opening } from "./Opening";

/** A part that is loaded when it is first opened, and stays from then on: as it closes it gives the focus back. */
export function Late({ isOpen, children }: { isOpen: boolean; children: ReactNode }) {
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen && !wasOpen) setWasOpen(true);
  return wasOpen && <Opening>{children}</Opening>;
}
