import type { ReactNode } from "react";
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

/** Rows of things, with a line of its own for each; on a small screen the lesser columns go. */
export function DataTable<T extends { id: string }>({ rows, columns, label, muted }: { rows: readonly T[]; columns: Column<T>[]; label: string; muted?: (row: T) => boolean }) {
  const text = useText();
  return (
    <div className={style.frame}>
      <table className={style.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-wide={column.wide || undefined} data-align={column.align} style={column.width ? { width: column.width } : undefined}>
                {column.head === "" ? <span className={style.unseen}>{text("common.action.more")}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-muted={muted?.(row) || undefined}>
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
