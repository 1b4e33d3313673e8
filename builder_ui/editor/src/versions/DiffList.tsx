import { IconArrowsMove, IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Change } from "@/api/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import style from "./DiffList.module.css";
import { changeText, summaryOf } from "./words";

const ICONS = { added: IconPlus, removed: IconMinus, changed: IconPencil, moved: IconArrowsMove };
const KINDS = ["added", "removed", "changed", "moved"] as const;

/** What differs, change by change, with the field as it was and as it is. */
export function DiffList({ changes }: { changes: readonly Change[] }) {
  const text = useText();
  if (changes.length === 0) return <p className={style.none}>{text("versions.diff.none")}</p>;
  const summary = summaryOf(changes);
  return (
    <div className={style.diff}>
      <p className={style.summary}>
        {KINDS.filter((kind) => summary[kind] > 0).map((kind) => (
          <span key={kind} data-what={kind}>
            {text(`versions.diff.${kind}`, { count: summary[kind] })}
          </span>
        ))}
      </p>
      <ul className={style.list}>
        {changes.map((change, at) => (
          <Line key={`${change.part}/${change.id}/${change.path}/${at}`} change={change} />
        ))}
      </ul>
    </div>
  );
}

function Line({ change }: { change: Change }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const Icon = ICONS[change.what];
  const hasDetail = change.what === "changed";
  const show = (): void => {
    setOpen(!open && hasDetail);
    if (change.part !== "node") return;
    if (useEditor.getState().document.nodes.some((node) => node.id === change.id)) useEditor.getState().select({ nodes: [change.id] });
    useView.getState().canvas?.show(change.id);
  };
  return (
    <li className={style.change} data-what={change.what}>
      <button onClick={show} aria-expanded={hasDetail ? open : undefined}>
        <Icon size={14} aria-hidden />
        <span>{changeText(change, text)}</span>
      </button>
      {open && (
        <div className={style.sides}>
          <Side label={text("versions.diff.before")} value={change.before} kind="removed" />
          <Side label={text("versions.diff.after")} value={change.after} kind="added" />
        </div>
      )}
    </li>
  );
}

function Side({ label, value, kind }: { label: string; value: unknown; kind: "added" | "removed" }) {
  return (
    <pre data-what={kind} aria-label={label}>
      {value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}
