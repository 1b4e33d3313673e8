import { IconAlertTriangle, IconBulb } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useText } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { Tag } from "./Tag";
import style from "./ErrorCard.module.css";

interface Told {
  message: string;
  code?: string | undefined;
  class?: string | undefined;
  hint?: string | null | undefined;
}

const CLASSES = ["recoverable", "permanent", "partial", "critical", "corruption"] as const;

/** An error as a person needs it: what happened, of which kind, and what helps. */
export function ErrorCard({ error, title, children }: { error: Told; title?: ReactNode; children?: ReactNode }) {
  const text = useText();
  const fault = useFault();
  const known = CLASSES.find((each) => each === error.class);
  return (
    <div className={style.card} role="alert">
      <IconAlertTriangle size={16} className={style.sign} aria-hidden />
      <div className={style.body}>
        {title !== undefined && <strong>{title}</strong>}
        <p className={style.message}>{fault(error.message)}</p>
        {error.hint ? (
          <p className={style.hint}>
            <IconBulb size={14} aria-label={text("common.error.hint")} /> <span>{fault(error.hint)}</span>
          </p>
        ) : null}
        {(error.code ?? known) !== undefined && (
          <p className={style.marks}>
            {error.code !== undefined && <Tag>{error.code}</Tag>}
            {known !== undefined && <Tag>{text(`common.errorClass.${known}`)}</Tag>}
          </p>
        )}
        {children}
      </div>
    </div>
  );
}
