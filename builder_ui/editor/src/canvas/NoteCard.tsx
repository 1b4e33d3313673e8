import { NodeResizeControl, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import { labelled } from "@/commands";
import { snapped } from "@/document/places";
import { NOTE_COLORS, type NoteColor } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import type { NoteNode } from "./drawn";
import { NoteText } from "./NoteText";
import { useReadOnly } from "./shown";
import style from "./NoteCard.module.css";

/** A sticky note, or the frame of a group where nodes lie on it. Double-click or Enter writes in it; its words are markdown. */
export const NoteCard = memo(function NoteCard({ data, selected }: NodeProps<NoteNode>) {
  const { note, holds } = data;
  const text = useText();
  const isWriting = useEditor((state) => state.renaming === note.id && !state.readOnly);
  const readOnly = useReadOnly();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isWriting) field.current?.focus();
  }, [isWriting]);
  const isGroup = holds > 0;
  const hint = text(isGroup ? "canvas.group.placeholder" : "canvas.note.placeholder");

  const change = (patch: { text?: string; color?: NoteColor; width?: number; height?: number }) =>
    useEditor.getState().dispatch({ kind: "update_note", id: note.id, patch }, labelled("commands.edit.note"), `note:${note.id}:${Object.keys(patch).join()}`);
  const end = () => useEditor.getState().setRenaming(null);

  return (
    <div
      className={style.note}
      data-color={note.color ?? "yellow"}
      data-group={isGroup || undefined}
      data-selected={selected || undefined}
      data-testid={`note-${note.id}`}
      onDoubleClick={(event) => {
        event.stopPropagation();
        if (!readOnly) useEditor.getState().setRenaming(note.id);
      }}
    >
      {isWriting ? (
        <textarea
          ref={field}
          className={`${style.field} nodrag nopan nowheel`}
          defaultValue={note.text ?? ""}
          placeholder={hint}
          aria-label={text(isGroup ? "canvas.group.label" : "canvas.note.label")}
          maxLength={20_000}
          onChange={(event) => change({ text: event.currentTarget.value })}
          onBlur={end}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key !== "Escape") return;
            end();
            useView.getState().canvas?.showAfter(note.id);
          }}
        />
      ) : (note.text ?? "") === "" ? (
        <span className={style.placeholder}>{hint}</span>
      ) : (
        <NoteText source={note.text ?? ""} />
      )}
      {selected && !isWriting && !readOnly && (
        <>
          <div className={`${style.tools} nodrag`}>
            {NOTE_COLORS.map((color) => (
              <button
                key={color}
                type="button"
                className={style.dot}
                data-color={color}
                aria-pressed={(note.color ?? "yellow") === color}
                aria-label={text("canvas.note.color", { color: text(`canvas.colors.${color}`) })}
                onClick={() => change({ color })}
              />
            ))}
          </div>
          <NodeResizeControl
            className={style.corner}
            minWidth={120}
            minHeight={56}
            onResizeEnd={(_event, { width, height }) => {
              const size = snapped({ x: width, y: height });
              change({ width: size.x, height: size.y });
            }}
          />
        </>
      )}
    </div>
  );
});
