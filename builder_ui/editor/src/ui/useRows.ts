import { useEffect, useRef, useState } from "react";

const TYPED = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea, [contenteditable=true]";

/** Gives the focus to the first field of a row one can type in, its text chosen, or else to whatever can have it; the `nth` after it where that is meant. */
export function focusField(row: Element | null | undefined, nth = 0): void {
  const field = row?.querySelectorAll<HTMLElement>(TYPED)[nth] ?? row?.querySelector<HTMLElement>("input, button");
  field?.focus();
  if (field instanceof HTMLInputElement) field.select();
}

/**
 * Where the focus goes in a list of rows that are added and removed: to the first field of the row that was added, and back to
 * the button that adds when one was removed. Left where it was, or nowhere, what one types next would be taken for commands.
 * Rows are the box's own children with `data-row`, the button the one with `data-adds`.
 */
export function useRows<T extends HTMLElement>() {
  const box = useRef<T>(null);
  const [done, say] = useState<{ what: "added" | "removed" } | null>(null);
  useEffect(() => {
    if (done === null) return;
    const own = [...(box.current?.children ?? [])].filter((each): each is HTMLElement => each instanceof HTMLElement);
    const adding = own.find((each) => each.dataset.adds !== undefined);
    if (done.what === "removed" && adding !== undefined) adding.focus();
    else focusField(own.filter((each) => each.dataset.row !== undefined).at(-1));
  }, [done]);
  return { box, added: () => say({ what: "added" }), removed: () => say({ what: "removed" }) };
}
