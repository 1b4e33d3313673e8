import type { FocusEventHandler, KeyboardEventHandler, ReactNode, Ref } from "react";
import { useText } from "@/i18n";
import style from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  /** Left out on a small screen. */
  wide?: boolean;
  align?: "end";
  width?: string;
}

/** Which rows are chosen and which has the focus: what `useRowKeys` answers with. */
export interface Keyed {
  chosen: ReadonlySet<string>;
  at: number;
  body: Ref<HTMLTableSectionElement>;
  onKeyDown: KeyboardEventHandler<HTMLTableSectionElement>;
  onFocus: FocusEventHandler;
}

interface Props<T> {
  rows: readonly T[];
  columns: Column<T>[];
  label: string;
  muted?: (row: T) => boolean;
  keys?: Keyed;
}

/** Rows of things, with a line of its own for each; on a small screen the lesser columns go. */
export function DataTable<T extends { id: string }>({ rows, columns, label, muted, keys }: Props<T>) {
  const text = useText();
  return (
    <div className={style.frame}>
      <table className={style.table} aria-label={label} role={keys === undefined ? undefined : "grid"} aria-multiselectable={keys === undefined ? undefined : true}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-wide={column.wide || undefined} data-align={column.align} style={column.width ? { width: column.width } : undefined}>
                {column.head === "" ? <span className={style.unseen}>{text("common.action.more")}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={keys?.body} onKeyDown={keys?.onKeyDown} onFocus={keys?.onFocus}>
          {rows.map((row, place) => (
            <tr
              key={row.id}
              data-muted={muted?.(row) || undefined}
              data-chosen={keys?.chosen.has(row.id) || undefined}
              {...(keys === undefined ? {} : { tabIndex: place === keys.at ? 0 : -1, "aria-selected": keys.chosen.has(row.id) })}
            >
              {columns.map((column) => (
                <td key={column.key} data-wide={column.wide || undefined} data-align={column.align}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
