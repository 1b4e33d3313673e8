import { useText } from "@/i18n";
import { LOOKS, MARKS, type Status } from "./status";
import style from "./StatusIcon.module.css";

/** The mark of a status: hue and shape together. It names itself to screen readers unless it stands beside its name. */
export function StatusIcon({ status, size = 16, silent = false }: { status: Status; size?: number; silent?: boolean }) {
  const text = useText();
  const { hue, shape } = LOOKS[status];
  const label = text(`common.status.${status}`);
  return (
    <svg
      className={style.icon}
      data-hue={hue}
      data-shape={shape}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      role={silent ? undefined : "img"}
      aria-hidden={silent || undefined}
      aria-label={silent ? undefined : label}
    >
      <circle className={style.ground} cx="8" cy="8" r="7" />
      <path className={shape === "ring" ? style.turning : style.mark} d={MARKS[shape]} />
    </svg>
  );
}

/** A status in words beside its mark. */
export function StatusText({ status, size = 16 }: { status: Status; size?: number }) {
  const text = useText();
  return (
    <span className={style.text} data-hue={LOOKS[status].hue}>
      <StatusIcon status={status} size={size} silent />
      {text(`common.status.${status}`)}
    </span>
  );
}
