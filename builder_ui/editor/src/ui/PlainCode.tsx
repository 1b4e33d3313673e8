import { useLayoutEffect, useRef } from "react";
import style from "./CodeEditor.module.css";
import type { CodeProps } from "./CodeMirror";

/** The field that stands until the code editor is there. Where its cursor was, the editor goes on. */
export function PlainCode({ value, onChange, label, placeholder, readOnly, cursor, held, shorthand }: CodeProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const next = useRef<number | null>(null);
  const begin = useRef(cursor);
  useLayoutEffect(() => {
    const field = box.current;
    const at = held?.current ?? begin.current;
    if (field !== null && at !== undefined) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(at, at);
    }
    return () => {
      // A text that has just been changed here may not be drawn any more: then its cursor is where it was meant to go.
      if (held !== undefined) held.current = field !== null && document.activeElement === field ? (next.current ?? field.selectionStart) : null;
    };
  }, [held]);
  useLayoutEffect(() => {
    if (next.current !== null) box.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  }, [value]);
  return (
    <textarea
      ref={box}
      className={style.still}
      aria-label={label}
      rows={Math.min(12, value.split("\n").length)}
      value={value}
      placeholder={placeholder}
      readOnly={readOnly}
      spellCheck={false}
      onChange={(event) => {
        const begun = shorthand?.(event.currentTarget.value);
        next.current = begun?.cursor ?? null;
        onChange?.(begun?.text ?? event.currentTarget.value);
      }}
    />
  );
}
