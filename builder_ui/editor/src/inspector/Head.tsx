import { useState, type ReactNode } from "react";
import style from "./Inspector.module.css";

/** Text that becomes a field when it is clicked; Enter keeps, Escape forgets. Answers with why it was refused. */
export function InlineText(props: {
  value: string;
  label: string;
  placeholder?: string;
  readOnly: boolean;
  className?: string | undefined;
  editing?: boolean;
  onEdit?: (editing: boolean) => void;
  onKeep: (value: string) => string | null;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const editing = draft !== null || props.editing === true;
  const stop = (): void => {
    setDraft(null);
    setRefused(null);
    props.onEdit?.(false);
  };
  const keep = (value: string): void => {
    const why = value === props.value ? null : props.onKeep(value);
    if (why === null) stop();
    else setRefused(why);
  };
  if (!editing) {
    return (
      <button className={`${style.inline} ${props.className ?? ""}`} onClick={() => setDraft(props.value)} disabled={props.readOnly} title={props.label} aria-label={`${props.label}: ${props.value}`}>
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
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          setRefused(null);
        }}
        onBlur={() => (refused === null ? keep(value) : stop())}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter") keep(value);
          if (event.key === "Escape") stop();
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

export function Head({ icon, title, children }: { icon?: ReactNode; title: ReactNode; children?: ReactNode }) {
  return (
    <header className={style.head}>
      {icon}
      <div className={style.headText}>
        <h2>{title}</h2>
        {children !== undefined && <div className={style.sub}>{children}</div>}
      </div>
    </header>
  );
}
