import { Fragment, type ReactNode } from "react";
import style from "./parts.module.css";

/** Names and values in two columns; a pair whose value is undefined is left out. */
export function KeyValue({ pairs }: { pairs: [name: string, value: ReactNode][] }) {
  return (
    <dl className={style.pairs}>
      {pairs
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
