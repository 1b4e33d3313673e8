import type { ReactNode } from "react";
import style from "./parts.module.css";

/** A titled group of things on a page. */
export function Panel(props: { title?: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className={style.panel}>
      {(props.title !== undefined || props.actions !== undefined) && (
        <header className={style.panelHead}>
          <div>
            <h2>{props.title}</h2>
            {props.note !== undefined && <p>{props.note}</p>}
          </div>
          {props.actions}
        </header>
      )}
      <div className={props.flush ? undefined : style.panelBody}>{props.children}</div>
    </section>
  );
}
