import { IconArrowRight, IconChevronRight, IconFrame, IconNote, IconPlugConnectedX } from "@tabler/icons-react";
import { labelled } from "@/commands";
import { COMPENSATE } from "@/document/graph";
import { firstWords } from "@/document/markdown";
import type { OutlineRow } from "@/document/outline";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import type { EdgeOverlay, NodeOverlay } from "@/store/overlay";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { StatusIcon } from "@/ui/StatusIcon";
import style from "./Outline.module.css";

interface Props {
  row: OutlineRow;
  top: number;
  isActive: boolean;
  isChosen: boolean;
  overlay: NodeOverlay | undefined;
  edgeState: EdgeOverlay | undefined;
  problems: number;
  /** The nodes that lie on a note, and the group that a node lies in. */
  holds: readonly string[];
  group: string | null;
  isRenaming: boolean;
  onRenamed: (isByKey: boolean) => void;
  onChoose: (extend: boolean) => void;
  onFold: () => void;
}

/** A row: what it is in words, so that whoever doesn't see the canvas misses nothing of it. */
export function OutlineRowView({ row, ...props }: Props) {
  return (
    <div
      className={style.row}
      role="treeitem"
      tabIndex={props.isActive ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.at}
      aria-setsize={row.of}
      aria-expanded={row.isOpen ?? undefined}
      aria-selected={props.isChosen}
      data-kind={row.kind}
      data-row={row.key}
      data-status={props.overlay?.status}
      data-state={props.edgeState}
      style={{ transform: `translateY(${props.top}px)`, paddingLeft: 6 + (row.level - 1) * 18 }}
      onClick={(event) => props.onChoose(event.shiftKey || event.ctrlKey || event.metaKey)}
    >
      {row.isOpen === null ? (
        <span className={style.chevron} />
      ) : (
        <span
          className={style.chevron}
          data-open={row.isOpen || undefined}
          onClick={(event) => {
            event.stopPropagation();
            props.onFold();
          }}
        >
          <IconChevronRight size={14} aria-hidden />
        </span>
      )}
      <Words row={row} {...props} />
    </div>
  );
}

function Words({ row, ...props }: Props) {
  switch (row.kind) {
    case "node":
      return <NodeWords node={row.node} {...props} />;
    case "edge":
      return <ArrowWords row={row} />;
    case "note":
      return <NoteWords id={row.node} holds={props.holds} />;
    case "port":
      return <PortWords port={row.port} />;
  }
}

const noteIn = (id: string | null) => (state: ReturnType<typeof useEditor.getState>) => (id === null ? undefined : state.document.notes?.find((note) => note.id === id));

function NoteWords({ id, holds }: { id: string; holds: readonly string[] }) {
  const text = useText();
  const note = useEditor(noteIn(id));
  const document = useEditor((state) => state.document);
  const isGroup = holds.length > 0;
  const kind = text(isGroup ? "canvas.group.label" : "canvas.note.label");
  const words = firstWords(note?.text ?? "");
  const names = holds.map((each) => nodeOf(document, each)).flatMap((node) => (node === undefined ? [] : [titleOf(node)]));
  const Sign = isGroup ? IconFrame : IconNote;
  return (
    <>
      <i className={style.noteSign} data-color={note?.color ?? "yellow"}>
        <Sign size={14} stroke={1.7} aria-hidden />
      </i>
      <span className={style.title}>{words === "" ? kind : words}</span>
      <span className={style.kind}>{isGroup ? text("outline.holds", { names: names.join(", ") }) : words === "" ? "" : kind}</span>
    </>
  );
}

function NodeWords({ node: id, overlay, problems, group, isRenaming, onRenamed }: Pick<Props, "overlay" | "problems" | "group" | "isRenaming" | "onRenamed"> & { node: string }) {
  const text = useText();
  const node = useEditor((state) => nodeOf(state.document, id));
  const type = useEditor((state) => state.catalogue.get(node?.type ?? ""));
  const frame = useEditor(noteIn(group));
  if (node === undefined) return null;
  const title = titleOf(node);
  const end = (label: string | null, isByKey: boolean): void => {
    onRenamed(isByKey);
    if (label === null || label === (node.label ?? "")) return;
    useEditor.getState().dispatch({ kind: "update_node", id, patch: { label: label === "" ? undefined : label } }, labelled("commands.edit.rename", { what: title }));
  };
  const kind = type?.label ?? node.type;
  return (
    <>
      <CategoryIcon category={type?.category ?? "other"} icon={type?.icon ?? "help-hexagon"} size={22} />
      {isRenaming ? (
        <input
          className={style.name}
          autoFocus
          defaultValue={node.label ?? ""}
          placeholder={id}
          maxLength={200}
          aria-label={text("outline.nameOf", { node: title })}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => end(event.currentTarget.value.trim(), false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter" && !event.nativeEvent.isComposing) end(event.currentTarget.value.trim(), true);
            if (event.key === "Escape") end(null, true);
          }}
        />
      ) : (
        <span className={style.title}>{title}</span>
      )}
      {!isRenaming && <span className={style.kind}>{kind === title ? "" : kind}</span>}
      {frame !== undefined && <span className={style.tag}>{firstWords(frame.text ?? "") || text("canvas.group.label")}</span>}
      {node.disabled && <span className={style.tag}>{text("canvas.node.disabled")}</span>}
      {problems > 0 && <span className={style.problems}>{text("canvas.node.problems", { count: problems })}</span>}
      {overlay?.progress && <span className={style.tag}>{text("canvas.node.progress", overlay.progress)}</span>}
      {overlay && <StatusIcon status={overlay.status} size={16} />}
    </>
  );
}

function ArrowWords({ row }: { row: Extract<OutlineRow, { kind: "edge" }> }) {
  const text = useText();
  const to = useEditor((state) => nodeOf(state.document, row.edge.to));
  const target = to === undefined ? row.edge.to : titleOf(to);
  const port = row.edge.port === COMPENSATE ? text("outline.undoneBy") : row.port;
  return (
    <>
      {port !== null && <span className={style.tag}>{port}</span>}
      <IconArrowRight size={14} role="img" aria-label={text("outline.leadsTo")} />
      <span className={style.target}>{target}</span>
    </>
  );
}

function PortWords({ port }: { port: string }) {
  const text = useText();
  return (
    <>
      <span className={style.tag}>{port}</span>
      <IconPlugConnectedX size={14} aria-hidden />
      <span className={style.free}>{text("outline.free")}</span>
    </>
  );
}
