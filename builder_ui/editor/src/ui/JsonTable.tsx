import { useText } from "@/i18n";
import { brief } from "./JsonTree";
import style from "./JsonTable.module.css";

const ROWS = 200;

type Row = Record<string, unknown>;

/** Whether a value reads better as a table: a list whose items are mostly objects. */
export const isTabular = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));

interface Props {
  rows: Row[];
  /** A value of one row, chosen or dragged off: the row's place and the column's name. */
  onPath?: ((path: [number, string]) => void) | undefined;
  onDrag?: ((path: [number, string], into: DataTransfer) => void) | undefined;
  /** The same for a whole column. */
  onColumn?: ((column: string) => void) | undefined;
  onDragColumn?: ((column: string, into: DataTransfer) => void) | undefined;
}

/** A list of objects as rows and columns. */
export function JsonTable({ rows, onPath, onDrag, onColumn, onDragColumn }: Props) {
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
                  {onColumn === undefined ? (
                    column
                  ) : (
                    <button className={style.part} draggable={onDragColumn !== undefined} onDragStart={(event) => onDragColumn?.(column, event.dataTransfer)} onClick={() => onColumn(column)}>
                      {column}
                    </button>
                  )}
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
                    {onPath === undefined || !(column in row) ? (
                      cell(row[column])
                    ) : (
                      // By keys a value is chosen in the tree: a table of them would be a hundred stops.
                      <button className={style.part} tabIndex={-1} draggable={onDrag !== undefined} onDragStart={(event) => onDrag?.([at, column], event.dataTransfer)} onClick={() => onPath([at, column])}>
                        {cell(row[column]) || "–"}
                      </button>
                    )}
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
