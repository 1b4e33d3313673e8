import { useWindowEvent } from "@mantine/hooks";
import { useRef } from "react";

/** The field that `/` leads to, from wherever nothing is being written and no dialog asks. */
export function useSlash() {
  const field = useRef<HTMLInputElement>(null);
  useWindowEvent("keydown", (event) => {
    const { target } = event;
    if (event.key !== "/" || event.altKey || event.ctrlKey || event.metaKey || !(target instanceof HTMLElement)) return;
    if (target.isContentEditable || target.closest("input:not([type=checkbox], [type=radio]), textarea, [role=dialog]") || document.querySelector('[role="dialog"]')) return;
    event.preventDefault();
    field.current?.focus();
    field.current?.select();
  });
  return field;
}
