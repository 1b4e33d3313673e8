/** What the code view asks of CodeMirror: faults under their words, the lines of what is selected, and a way to tell where the cursor is. */
import { bracketMatching, codeFolding, foldGutter, foldKeymap } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Prec, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, ViewPlugin, type DecorationSet } from "@codemirror/view";
import type { Span } from "@/document/code/source";

const show = StateEffect.define<Span | null>();
const LINE = Decoration.line({ class: "cm-shown" });

const shownLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    let next = lines.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(show)) continue;
      if (effect.value === null) return Decoration.none;
      const { doc } = transaction.state;
      const first = doc.lineAt(Math.min(effect.value.from, doc.length)).number;
      const last = doc.lineAt(Math.min(Math.max(effect.value.from, effect.value.to - 1), doc.length)).number;
      next = Decoration.set(Array.from({ length: last - first + 1 }, (_, at) => LINE.range(doc.line(first + at).from)));
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

interface Heard {
  /** The text stands on the page, or is gone from it. */
  onView: (view: EditorView | null) => void;
  onCursor: (at: number) => void;
  onApply: () => void;
}

/** Between the text and who shows it: who hears may change while the text stands. */
export class Desk {
  private heard: Heard | null = null;

  hear(heard: Heard): void {
    this.heard = heard;
  }

  readonly onView = (view: EditorView | null): void => this.heard?.onView(view);
  readonly onCursor = (at: number): void => this.heard?.onCursor(at);
  readonly onApply = (): boolean => {
    this.heard?.onApply();
    return true;
  };
}

export const marking = (desk: Desk): Extension => [
  shownLines,
  lintGutter(),
  bracketMatching(),
  codeFolding({ placeholderText: "…" }),
  foldGutter(),
  Prec.highest(keymap.of([{ key: "Mod-Enter", run: desk.onApply }, { key: "Mod-s", preventDefault: true, run: desk.onApply }, ...foldKeymap])),
  EditorView.theme({
    ".cm-shown": { backgroundColor: "var(--accent-soft)" },
    ".cm-foldPlaceholder": { backgroundColor: "var(--soft)", border: "1px solid var(--line)", color: "var(--ink-2)" },
  }),
  ViewPlugin.define((made) => {
    desk.onView(made);
    return { destroy: () => desk.onView(null) };
  }),
  EditorView.updateListener.of((update) => {
    if (update.selectionSet && update.transactions.some((each) => each.isUserEvent("select"))) desk.onCursor(update.state.selection.main.head);
  }),
];

/** Bring these lines out, and into view where nobody is writing there. */
export function showLines(view: EditorView, span: Span | null): void {
  const isWriting = view.hasFocus;
  const inside = span === null ? null : { from: Math.min(span.from, view.state.doc.length), to: Math.min(span.to, view.state.doc.length) };
  view.dispatch({ effects: [show.of(inside), ...(inside === null || isWriting ? [] : [EditorView.scrollIntoView(inside.from, { y: "start", yMargin: 48 })])] });
}

export function markFaults(view: EditorView, faults: readonly (Span & { message: string; isWarning: boolean })[]): void {
  const { length } = view.state.doc;
  const marks: Diagnostic[] = faults.map(({ from, to, message, isWarning }) => {
    const begin = Math.min(from, length);
    // What stands over many lines is underlined in its first: the whole of it says nothing more.
    const end = Math.min(Math.max(to, begin), view.state.doc.lineAt(begin).to);
    return { from: begin, to: end, severity: isWarning ? "warning" : "error", message };
  });
  view.dispatch(setDiagnostics(view.state, marks));
}

export function goTo(view: EditorView, at: number): void {
  const place = Math.min(at, view.state.doc.length);
  view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
  view.focus();
}
