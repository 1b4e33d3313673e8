import { IconArrowsMove, IconMinus, IconPencil, IconPlus, IconRoute } from "@tabler/icons-react";
import { useState } from "react";
import type { Change, Piece } from "@/api/changes";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import style from "./DiffList.module.css";
import { apart, changeText, isRewired, summaryOf } from "./words";

const ICONS = { added: IconPlus, removed: IconMinus, changed: IconPencil, moved: IconArrowsMove, rewired: IconRoute };
const KINDS = ["added", "removed", "changed", "moved"] as const;

/** What differs, change by change, with the field as it was and as it is; what is only drawn elsewhere apart. */
export function DiffList({ changes }: { changes: readonly Change[] }) {
  const text = useText();
  if (changes.length === 0) return <p className={style.none}>{text("versions.diff.none")}</p>;
  const summary = summaryOf(changes);
  const { running, layout } = apart(changes);
  return (
    <div className={style.diff}>
      <p className={style.summary}>
        {KINDS.filter((kind) => summary[kind] > 0).map((kind) => (
          <span key={kind} data-what={kind}>
            {text(`versions.diff.${kind}`, { count: summary[kind] })}
          </span>
        ))}
        {summary.rewired > 0 && <span data-what="rewired">{text("diffs.rewiredCount", { count: summary.rewired })}</span>}
      </p>
      {running.length > 0 && <Lines changes={running} />}
      {layout.length > 0 && (
        <details className={style.layout} open={running.length === 0}>
          <summary>{text("diffs.layout", { count: layout.length })}</summary>
          <Lines changes={layout} />
        </details>
      )}
    </div>
  );
}

function Lines({ changes }: { changes: readonly Change[] }) {
  return (
    <ul className={style.list}>
      {changes.map((change, at) => (
        <Line key={`${change.part}/${change.id}/${change.path}/${at}`} change={change} />
      ))}
    </ul>
  );
}

function Line({ change }: { change: Change }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const what = isRewired(change) ? "rewired" : change.what;
  const Icon = ICONS[what];
  const hasDetail = change.what === "changed";
  const show = (): void => {
    setOpen(!open && hasDetail);
    if (change.part !== "node") return;
    if (useEditor.getState().document.nodes.some((node) => node.id === change.id)) useEditor.getState().select({ nodes: [change.id] });
    useView.getState().canvas?.show(change.id);
  };
  return (
    <li className={style.change} data-what={what}>
      <button onClick={show} aria-expanded={hasDetail ? open : undefined}>
        <Icon size={14} aria-hidden />
        <span>{changeText(change, text)}</span>
      </button>
      {open && (
        <div className={style.sides}>
          <Side label={text("versions.diff.before")} value={change.before} pieces={change.pieces} kind="removed" />
          <Side label={text("versions.diff.after")} value={change.after} pieces={change.pieces} kind="added" />
        </div>
      )}
    </li>
  );
}

interface SideProps {
  label: string;
  value: unknown;
  pieces: readonly Piece[] | undefined;
  kind: "added" | "removed";
}

/** One side of a change, with what the other side hasn't marked in it. */
function Side({ label, value, pieces = [], kind }: SideProps) {
  const Mark = kind === "added" ? "ins" : "del";
  const own = pieces.filter((piece) => piece.what === "same" || piece.what === kind);
  return (
    <pre data-what={kind} aria-label={label}>
      {pieces.some((piece) => piece.what === "same") ? own.map((piece, at) => (piece.what === "same" ? piece.text : <Mark key={at}>{piece.text}</Mark>)) : shown(value)}
    </pre>
  );
}

const shown = (value: unknown): string => (value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 2));
