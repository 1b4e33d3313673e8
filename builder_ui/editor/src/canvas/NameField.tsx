import { useEffect, useRef } from "react";
import { labelled } from "@/commands";
import type { DocumentNode } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import style from "./NodeCard.module.css";

/** The name on a card; while it is being renamed, a field. Enter and leaving keep it, Escape doesn't. */
export function NameField({ node, title }: { node: DocumentNode; title: string }) {
  const isRenaming = useEditor((state) => state.renaming === node.id && state.renamingIn === "canvas");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isRenaming) field.current?.select();
  }, [isRenaming]);

  const end = (label: string | null) => {
    const { dispatch, setRenaming } = useEditor.getState();
    setRenaming(null);
    if (label === null || label === (node.label ?? "")) return;
    dispatch({ kind: "update_node", id: node.id, patch: { label: label === "" ? undefined : label } }, labelled("commands.edit.rename", { what: title }));
  };

  /** By keyboard: the card has the focus again once the field is gone. */
  const endHere = (label: string | null): void => {
    end(label);
    useView.getState().canvas?.showAfter(node.id);
  };

  if (!isRenaming) return <span className={style.title} title={title}>{title}</span>;
  return (
    <input
      ref={field}
      className={`${style.name} nodrag nopan`}
      defaultValue={node.label ?? ""}
      placeholder={node.id}
      maxLength={200}
      aria-label={title}
      autoFocus
      onBlur={(event) => end(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" && !event.nativeEvent.isComposing) endHere(event.currentTarget.value.trim());
        if (event.key === "Escape") endHere(null);
      }}
    />
  );
}
