/** Expressions inside of text, for CodeMirror: their colour, and completion of what they may read. */
import type { CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { piecesOf } from "@/document/expressions";
import { typingAt, written } from "./pathBefore";
import { FUNCTIONS, type Scope } from "./scope";

const mark = Decoration.mark({ class: "cm-expression" });

function marked(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const piece of piecesOf(view.state.doc.toString())) {
    if (piece.kind === "expression") builder.add(piece.at - 2, Math.min(piece.at + piece.text.length + 2, view.state.doc.length), mark);
  }
  return builder.finish();
}

/** Colours what stands between `{{` and `}}`. */
export const expressionMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marked(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged) this.decorations = marked(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Offers roots, ids of nodes before this one, and keys known from schemas and from the last run. */
export const completeExpression =
  (scope: Scope): CompletionSource =>
  async (context: CompletionContext): Promise<CompletionResult | null> => {
    const typing = typingAt(context.state.sliceDoc(0, context.pos));
    if (typing === null) return null;
    const offered = await scope.offersAt(typing.path);
    if (context.aborted) return null;
    const isRoot = typing.path.length === 0;
    if (isRoot && typing.word === "" && !context.explicit && !/\{\{\s*$/.test(context.state.sliceDoc(0, context.pos))) return null;
    const functions = isRoot ? FUNCTIONS.map((name) => ({ label: name, apply: `${name}(`, type: "function", boost: -10 })) : [];
    const from = context.pos - typing.word.length;
    return {
      from,
      options: [
        ...offered.map(({ name, detail }, at) => ({ label: name, detail, boost: isRoot ? 10 - at : 0, ...applied(name, isRoot, from) })),
        ...functions,
      ],
      validFor: /^\w*$/,
    };
  };

/** A key that can't stand after a dot takes the dot's place with brackets. */
function applied(name: string, isRoot: boolean, from: number): { apply?: (view: EditorView, _: unknown, at: number, to: number) => void } {
  const text = written(name);
  if (isRoot || text.startsWith(".")) return {};
  return {
    apply: (view, _, at, to) => {
      const start = Math.max(0, Math.min(at, from) - 1);
      view.dispatch({ changes: { from: start, to, insert: text }, selection: { anchor: start + text.length } });
    },
  };
}
