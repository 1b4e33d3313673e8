import { useText } from "@/i18n";
import { LOOKS, type Shape, type Status } from "./status";
import style from "./StatusIcon.module.css";

const PATHS: Record<Exclude<Shape, "ring">, string> = {
  tick: "M4.7 8.3 7 10.6l4.4-4.9",
  cross: "m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8",
  clock: "M8 4.9V8l2.1 1.4",
  pause: "M6.4 5.7v4.6m3.2-4.6v4.6",
  question: "M6.3 6.3a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.1m0 1.9v.01",
  dash: "M5.2 8h5.6",
  undo: "M6.6 5 4.9 6.7l1.7 1.7M5 6.7h3.8a1.9 1.9 0 1 1 0 3.8H7",
  dot: "",
};

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
      {shape === "ring" ? (
        <path className={style.turning} d="M8 1.9A6.1 6.1 0 0 1 14.1 8" />
      ) : (
        <path className={style.mark} d={PATHS[shape]} />
      )}
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
