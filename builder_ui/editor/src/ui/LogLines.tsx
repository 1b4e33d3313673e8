import { brief } from "./JsonTree";
import { clockText } from "./time";
import style from "./LogLines.module.css";

export interface LineTold {
  at: string;
  level: string;
  message: string;
  fields?: Record<string, unknown>;
  /** Which step said it, where lines of several stand together. */
  step?: string;
}

/** What was logged, line by line. */
export function LogLines({ lines, onStep }: { lines: readonly LineTold[]; onStep?: (step: string) => void }) {
  return (
    <ol className={style.lines}>
      {lines.map((line, at) => (
        <li key={at} data-level={line.level.toLowerCase()}>
          <time dateTime={line.at}>{clockText(line.at)}</time>
          <span className={style.level}>{line.level.toLowerCase()}</span>
          {line.step !== undefined && (
            <button className={style.step} onClick={() => onStep?.(line.step ?? "")}>
              {line.step}
            </button>
          )}
          <span className={style.message}>
            {line.message}
            {line.fields !== undefined && Object.keys(line.fields).length > 0 && <em> {brief(line.fields)}</em>}
          </span>
        </li>
      ))}
    </ol>
  );
}
