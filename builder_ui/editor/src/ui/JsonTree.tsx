import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { useText } from "@/i18n";
import style from "./JsonTree.module.css";

const BATCH = 100;
const PREVIEW = 4;

type Path = (string | number)[];

interface NodeProps {
  name: string | number | null;
  value: unknown;
  path: Path;
  open: number;
  onPath?: ((path: Path) => void) | undefined;
  onDrag?: ((path: Path, into: DataTransfer) => void) | undefined;
}

const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A value as a tree that opens branch by branch, however large it is. `onPath` hears which part was chosen, `onDrag` which is dragged off. */
export function JsonTree({ value, open = 2, onPath, onDrag }: { value: unknown; open?: number; onPath?: NodeProps["onPath"]; onDrag?: NodeProps["onDrag"] }) {
  return (
    <ul className={style.tree} role="tree">
      <Item name={null} value={value} path={[]} open={open} onPath={onPath} onDrag={onDrag} />
    </ul>
  );
}

function Item({ name, value, path, open, onPath, onDrag }: NodeProps) {
  const text = useText();
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(BATCH);
  const branch = isBranch(value);
  const entries = branch ? entriesOf(value) : [];
  const hollow = branch && entries.length === 0;
  return (
    <li role="treeitem" aria-expanded={branch && !hollow ? isOpen : undefined} aria-selected={false}>
      <div className={style.row}>
        {branch && !hollow ? (
          <button className={style.twist} data-open={isOpen || undefined} onClick={() => setOpen(!isOpen)} aria-label={String(name ?? "$")}>
            <IconChevronRight size={13} aria-hidden />
          </button>
        ) : (
          <span className={style.gap} />
        )}
        {name !== null && (
          <button
            className={style.name}
            data-index={typeof name === "number" || undefined}
            onClick={() => (onPath ? onPath(path) : setOpen(!isOpen))}
            tabIndex={onPath ? 0 : -1}
            draggable={onDrag !== undefined}
            onDragStart={onDrag && ((event) => onDrag(path, event.dataTransfer))}
          >
            {name}
          </button>
        )}
        {branch ? <span className={style.brief}>{isOpen && !hollow ? count(value, text) : brief(value)}</span> : <Leaf value={value} />}
      </div>
      {branch && isOpen && !hollow && (
        <ul role="group">
          {entries.slice(0, shown).map(([key, item]) => (
            <Item key={key} name={key} value={item} path={[...path, key]} open={open - 1} onPath={onPath} onDrag={onDrag} />
          ))}
          {entries.length > shown && (
            <li role="treeitem">
              <button className={style.more} onClick={() => setShown(shown + BATCH * 5)}>
                {text("common.json.more", { count: entries.length - shown })}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

const entriesOf = (value: object): [string | number, unknown][] =>
  Array.isArray(value) ? value.map((item: unknown, at): [number, unknown] => [at, item]) : Object.entries(value);

const count = (value: object, text: ReturnType<typeof useText>): string =>
  Array.isArray(value) ? text("common.json.items", { count: value.length }) : text("common.json.keys", { count: Object.keys(value).length });

function Leaf({ value }: { value: unknown }) {
  const kind = value === null ? "null" : typeof value;
  const [whole, setWhole] = useState(false);
  const said = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  const long = said.length > 400;
  return (
    <span className={style.leaf} data-kind={kind}>
      {long && !whole ? `${said.slice(0, 400)}` : said}
      {long && !whole && (
        <button className={style.more} onClick={() => setWhole(true)}>
          {`… +${said.length - 400}`}
        </button>
      )}
    </span>
  );
}

/** A branch in one line: `{"order": "A-1042", …}`. */
export function brief(value: unknown): string {
  if (!isBranch(value)) return JSON.stringify(value) ?? "";
  const short = (item: unknown): string => {
    if (Array.isArray(item)) return item.length === 0 ? "[]" : `[…${item.length}]`;
    if (isBranch(item)) return Object.keys(item).length === 0 ? "{}" : "{…}";
    const said = JSON.stringify(item) ?? "";
    return said.length > 28 ? `${said.slice(0, 27)}…` : said;
  };
  if (Array.isArray(value)) {
    const rest = value.length > PREVIEW ? ", …" : "";
    return `[${value.slice(0, PREVIEW).map(short).join(", ")}${rest}]`;
  }
  const entries = Object.entries(value);
  const rest = entries.length > PREVIEW ? ", …" : "";
  return `{${entries.slice(0, PREVIEW).map(([key, item]) => `${key}: ${short(item)}`).join(", ")}${rest}}`;
}
