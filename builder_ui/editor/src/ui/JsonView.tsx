import { ActionIcon, CopyButton, SegmentedControl, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useText } from "@/i18n";
import { JsonTable, isTabular } from "./JsonTable";
import { JsonTree } from "./JsonTree";
import style from "./JsonView.module.css";
import { isOmitted } from "./omitted";

type View = "tree" | "table" | "raw";

interface Props {
  value: unknown;
  title?: ReactNode;
  actions?: ReactNode;
  onPath?: (path: (string | number)[]) => void;
  onDrag?: (path: (string | number)[], into: DataTransfer) => void;
  /** A column of the list that stands at this path, where it is shown as a table. */
  onColumn?: (path: (string | number)[], column: string) => void;
  onDragColumn?: (path: (string | number)[], column: string, into: DataTransfer) => void;
}

/** A value to be read: as a tree, as a table where it is one, or as JSON text; copied with one click. */
export function JsonView(props: Props) {
  const text = useText();
  const { value, title } = props;
  if (isOmitted(value)) {
    const why = value.$omitted === "removed" ? text("common.json.removed", { count: value.after_days }) : text("common.json.missing");
    return (
      <div className={style.view}>
        <div className={style.bar}>
          <span className={style.title}>{title}</span>
        </div>
        <p className={style.gone}>{why}</p>
      </div>
    );
  }
  return <Value {...props} />;
}

function Value({ value, title, actions, onPath, onDrag, onColumn, onDragColumn }: Props) {
  const text = useText();
  const table = tableOf(value);
  const [chosen, choose] = useState<View>("tree");
  const view = chosen === "table" && table === null ? "tree" : chosen;
  const views: View[] = table === null ? ["tree", "raw"] : ["tree", "table", "raw"];
  return (
    <div className={style.view}>
      <div className={style.bar}>
        <span className={style.title}>{title}</span>
        {actions}
        {typeof value === "object" && value !== null && (
          <SegmentedControl
            size="xs"
            aria-label={text("common.json.view")}
            value={view}
            onChange={(next) => choose(next)}
            data={views.map((each) => ({ value: each, label: text(`common.json.${each}`) }))}
          />
        )}
        <CopyButton value={JSON.stringify(value, null, 2) ?? ""}>
          {({ copied, copy }) => (
            <Tooltip label={text(copied ? "common.copied" : "common.json.copyValue")}>
              <ActionIcon size={26} onClick={copy} aria-label={text("common.json.copyValue")}>
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </div>
      {view === "tree" && <JsonTree value={value} onPath={onPath} onDrag={onDrag} />}
      {view === "table" && table !== null && (
        <JsonTable
          rows={table.rows}
          onPath={onPath && ((path) => onPath([...table.at, ...path]))}
          onDrag={onDrag && ((path, into) => onDrag([...table.at, ...path], into))}
          onColumn={onColumn && ((column) => onColumn(table.at, column))}
          onDragColumn={onDragColumn && ((column, into) => onDragColumn(table.at, column, into))}
        />
      )}
      {view === "raw" && <pre className={style.raw}>{JSON.stringify(value, null, 2)}</pre>}
    </div>
  );
}

/** The rows of a value and where they stand in it: the value itself, or the one list of objects in it (`{rows, count}`). */
function tableOf(value: unknown): { rows: Record<string, unknown>[]; at: string[] } | null {
  if (isTabular(value)) return { rows: value, at: [] };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [first, ...others] = Object.entries(value).flatMap(([key, item]) => (isTabular(item) ? [{ rows: item, at: [key] }] : []));
  return others.length === 0 ? (first ?? null) : null;
}
