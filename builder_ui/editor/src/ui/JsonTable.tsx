import { useText } from "@/i18n";
import { brief } from "./JsonTree";
import style from "./JsonTable.module.css";

const ROWS = 200;

type Row = Record<string, unknown>;

/** Whether a value reads better as a table: a list whose items are mostly objects. */
export const isTabular = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));

/** A list of objects as rows and columns. */
export function JsonTable({ rows }: { rows: Row[] }) {
  const text = useText();
  const shown = rows.slice(0, ROWS);
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))];
  return (
    <>
      <div className={style.scroll}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">#</th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={at}>
                <td className={style.index}>{at}</td>
                {columns.map((column) => (
                  <td key={column} data-kind={typeof row[column]} title={cell(row[column])}>
                    {cell(row[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > ROWS && <p className={style.note}>{text("common.json.shown", { shown: ROWS, total: rows.length })}</p>}
    </>
  );
}

const cell = (value: unknown): string => (value === undefined ? "" : typeof value === "string" ? value : brief(value));
