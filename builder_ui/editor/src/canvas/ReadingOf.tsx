import { lazy, Suspense } from "react";
import { withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { useHeldOver } from "./useHeldOver";

const Reading = lazy(() => withWords(import("./Reading")).then((part) => ({ default: part.Reading })));

/** The node whose reading is drawn: the one under the pointer while Shift is held, else the selected one while the command is on. */
export function ReadingOf() {
  const held = useHeldOver();
  const isOn = useView((state) => state.reading);
  const selected = useEditor(({ selection }) => (selection.nodes.length === 1 ? (selection.nodes[0] ?? null) : null));
  const node = held ?? (isOn ? selected : null);
  if (node === null) return null;
  return (
    <Suspense>
      <Reading key={node} node={node} />
    </Suspense>
  );
}
