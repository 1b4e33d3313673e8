import type { ReactNode } from "react";
import style from "./parts.module.css";

/** What stands where there is nothing yet: why, and the one thing to do about it. */
export function EmptyState(props: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode; compact?: boolean }) {
  return (
    <div className={style.empty} data-compact={props.compact || undefined}>
      {props.icon !== undefined && <div className={style.emptyIcon}>{props.icon}</div>}
      <p className={style.emptyTitle}>{props.title}</p>
      {props.children !== undefined && <div className={style.emptyText}>{props.children}</div>}
      {props.action}
    </div>
  );
}
