import type { ReactNode } from "react";
import type { Hue } from "./status";
import style from "./parts.module.css";

/** A word or two in a thin frame; a hue only where the word says a state. */
export function Tag({ children, hue, title }: { children: ReactNode; hue?: Hue | "accent"; title?: string }) {
  return (
    <span className={style.tag} data-hue={hue} title={title}>
      {children}
    </span>
  );
}
