import type { Mark } from "@/document/diff";
import { useText } from "@/i18n";
import style from "./DiffMark.module.css";

const SIGNS: Record<Mark, string> = { added: "+", removed: "−", changed: "±", moved: "↔" };

/** While versions are compared: what became of this node, in a word and a sign, not by colour alone. */
export function DiffMark({ mark }: { mark: Mark | undefined }) {
  const text = useText();
  if (mark === undefined) return null;
  return (
    <span className={style.mark} data-mark={mark}>
      <b aria-hidden>{SIGNS[mark]}</b>
      {text(`canvas.mark.${mark}`)}
    </span>
  );
}
