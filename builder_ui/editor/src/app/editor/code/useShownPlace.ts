/** What is selected on the canvas, and the field that has the focus in the inspector, stand out in the text; the cursor in the text selects. */
import type { EditorView } from "@codemirror/view";
import { useCallback, useEffect, useRef, useState } from "react";
import { placeOf, type Source } from "@/document/code/source";
import type { FlowDocument, Json } from "@/document/types";
import { useEditor } from "@/store/editor";
import { showLines } from "./marking";

/** The nodes as the text says them: they may stand elsewhere than in the draft. */
const nodesOf = (source: Source | null, document: FlowDocument): readonly { id: Json | undefined }[] => {
  const said = (source?.value ?? null) as { nodes?: unknown } | null;
  return Array.isArray(said?.nodes) ? (said.nodes as { id: Json | undefined }[]) : document.nodes;
};

export function useShownPlace(view: EditorView | null, source: Source | null, document: FlowDocument): (at: number) => void {
  const selected = useEditor((state) => (state.selection.nodes.length === 1 ? (state.selection.nodes[0] ?? null) : null));
  const field = useFocusedField();
  const latest = useRef({ source, document });
  useEffect(() => {
    latest.current = { source, document };
  });
  const index = selected === null ? -1 : nodesOf(source, document).findIndex((node) => node.id === selected);
  useEffect(() => {
    if (view === null || source === null) return;
    if (index === -1) return showLines(view, null);
    const pointer = `/nodes/${index}`;
    const places = field === null ? [] : [`${pointer}/config${field}`, `${pointer}${field}`];
    const known = places.find((place) => source.places.has(place)) ?? pointer;
    showLines(view, placeOf(source, known));
  }, [view, source, index, field]);

  return useCallback((at: number) => {
    const { source: now, document: drawn } = latest.current;
    if (now === null) return;
    const found = nodesOf(now, drawn).find((_, position) => {
      const place = now.places.get(`/nodes/${position}`);
      return place !== undefined && place.from <= at && at <= place.to;
    });
    const id = found?.id;
    const { selection, select, document: standing } = useEditor.getState();
    if (typeof id === "string" && selection.nodes.join() !== id && standing.nodes.some((node) => node.id === id)) select({ nodes: [id] });
  }, []);
}

/** The JSON Pointer of the inspector's field that has the focus; null where none has. */
function useFocusedField(): string | null {
  const [field, setField] = useState<string | null>(null);
  useEffect(() => {
    const onFocus = (event: FocusEvent): void => {
      if (!(event.target instanceof Element) || event.target.closest("[data-region=code]") !== null) return;
      setField(event.target.closest<HTMLElement>("[data-field]")?.dataset.field ?? null);
    };
    window.document.addEventListener("focusin", onFocus);
    return () => window.document.removeEventListener("focusin", onFocus);
  }, []);
  return field;
}
