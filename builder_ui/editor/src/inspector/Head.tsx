import { useEffect, useRef, useState, type ReactNode } from "react";
import style from "./Inspector.module.css";

/**
 * Text that becomes a field when it is clicked; Enter keeps, Escape forgets, and the focus goes back to where it was.
 * `onKeep` answers with why it was refused.
 */
export function InlineText(props: {
  value: string;
  label: string;
  placeholder?: string;
  readOnly: boolean;
  className?: string | undefined;
  editing?: boolean;
  onEdit?: (editing: boolean) => void;
  onKeep: (value: string, isByKey: boolean) => string | null;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const editing = draft !== null || props.editing === true;
  const button = useRef<HTMLButtonElement>(null);
  /** Where the focus was before, as far as that is still there; and whether it was left by key. */
  const before = useRef<Element | null>(null);
  const isDone = useRef(false);
  useEffect(() => {
    if (editing || !isDone.current) return;
    isDone.current = false;
    const { current } = before;
    (current instanceof HTMLElement && current.isConnected ? current : button.current)?.focus({ preventScroll: true });
  }, [editing]);
  const stop = (): void => {
    setDraft(null);
    setRefused(null);
    props.onEdit?.(false);
  };
  const keep = (value: string, isByKey: boolean): void => {
    const why = value === props.value ? null : props.onKeep(value, isByKey);
    if (why === null) return stop();
    isDone.current = false;
    setRefused(why);
  };
  if (!editing) {
    return (
      <button ref={button} className={`${style.inline} ${props.className ?? ""}`} onClick={() => setDraft(props.value)} disabled={props.readOnly} title={props.label} aria-label={`${props.label}: ${props.value}`}>
        {props.value === "" ? <span className={style.faint}>{props.placeholder}</span> : props.value}
      </button>
    );
  }
  const value = draft ?? props.value;
  return (
    <span className={style.inlineEdit}>
      <input
        autoFocus
        className={props.className}
        value={value}
        placeholder={props.placeholder}
        aria-label={props.label}
        aria-invalid={refused !== null}
        onFocus={(event) => {
          before.current = event.relatedTarget;
          event.currentTarget.select();
        }}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          setRefused(null);
        }}
        onBlur={() => (refused === null ? keep(value, false) : stop())}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
          isDone.current = true;
          if (event.key === "Enter") keep(value, true);
          else stop();
        }}
      />
      {refused !== null && (
        <span className={style.refused} role="alert">
          {refused}
        </span>
      )}
    </span>
  );
}

export function Head({ icon, title, children, actions }: { icon?: ReactNode; title: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={style.head}>
      {icon}
      <div className={style.headText}>
        <h2>{title}</h2>
        {children !== undefined && <div className={style.sub}>{children}</div>}
      </div>
      {actions}
    </header>
  );
}
