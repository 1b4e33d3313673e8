/** What an expression's field asks of CodeMirror beside completion: its place for others, drops, and what is wrong underlined. */
import { RangeSet, type Extension } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view";
import { CARRIED, placing } from "./placing";

/** The editor that stands now, for who puts something into it. */
export class Holder {
  private view: EditorView | null = null;

  readonly extension: Extension = [
    ViewPlugin.define((view) => {
      this.view = view;
      return {
        destroy: () => {
          if (this.view === view) this.view = null;
        },
      };
    }),
    EditorView.domEventHandlers({
      drop: (event, view) => {
        const expression = event.dataTransfer?.getData(CARRIED) ?? "";
        if (expression === "" || view.state.readOnly) return false;
        event.preventDefault();
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY }, false);
        put(view, expression, at, at);
        return true;
      },
    }),
  ];

  /** Put it where the cursor is; says whether there was an editor to take it. */
  readonly take = (expression: string): boolean => {
    if (this.view === null) return false;
    const { from, to } = this.view.state.selection.main;
    put(this.view, expression, from, to);
    return true;
  };
}

function put(view: EditorView, expression: string, from: number, to: number): void {
  const placed = placing(view.state.doc.toString(), from, to, expression);
  view.dispatch({ changes: { from: placed.from, to: placed.to, insert: placed.insert }, selection: { anchor: placed.cursor }, userEvent: "input.drop", scrollIntoView: true });
  view.focus();
}

/** What is wrong with this very text; with another one nothing is marked. */
export function wrongAt(wrong: { text: string; from: number; to: number; message: string } | null): Extension {
  if (wrong === null || wrong.to <= wrong.from) return [];
  const mark = Decoration.mark({ class: "cm-lintRange cm-lintRange-error", attributes: { title: wrong.message } });
  return EditorView.decorations.of((view) => (view.state.doc.toString() === wrong.text ? RangeSet.of(mark.range(wrong.from, Math.min(wrong.to, wrong.text.length))) : Decoration.none));
}
