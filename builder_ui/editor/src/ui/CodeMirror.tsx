/** CodeMirror as a controlled field. Kept out of the first bundle: only `CodeEditor` imports it. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, Prec, Transaction, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder as hintText } from "@codemirror/view";
import { useEffect, useRef, type RefObject } from "react";
import { codeTheme } from "./codeTheme";
import style from "./CodeEditor.module.css";
import { styleNonce } from "./nonce";

export interface CodeProps {
  value: string;
  onChange?: ((value: string) => void) | undefined;
  onBlur?: (() => void) | undefined;
  language: "json" | "python" | "text";
  label: string;
  placeholder?: string | undefined;
  readOnly?: boolean | undefined;
  invalid?: boolean | undefined;
  /** Take the focus when shown, with the cursor at this place. */
  cursor?: number | undefined;
  /** Where the cursor stood in the plain field before this one was there; null where the focus was elsewhere. */
  held?: RefObject<number | null> | undefined;
  /** What a text typed into an empty field stands for, with the place of the cursor in it. */
  shorthand?: ((typed: string) => { text: string; cursor: number } | null) | undefined;
  tone?: "expression" | undefined;
  minHeight?: number | undefined;
  maxHeight?: number | undefined;
  /** Take all the height there is, instead of growing with the text. */
  fill?: boolean | undefined;
  numbers?: boolean | undefined;
  complete?: CompletionSource | undefined;
  extensions?: Extension | undefined;
}

const languageOf = (language: CodeProps["language"]): Extension => {
  if (language === "json") return [json(), linter(jsonParseLinter(), { delay: 400 })];
  return language === "python" ? [python(), indentUnit.of("    ")] : [];
};

/** Inside an editor Tab indents code; in a one-line text or an expression it moves the focus, as everywhere. */
const keysOf = (language: CodeProps["language"]) =>
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...(language === "python" ? [indentWithTab] : [])]);

/** Text put in whole over a selection (by a keyboard of words, say): the browser would carry its style along, which the page's policy refuses. */
function putIn(event: InputEvent, view: EditorView): boolean {
  const selection = document.getSelection(); // as the page has it: the editor's own may be a moment behind
  const over = selection?.rangeCount ? selection.getRangeAt(0) : undefined;
  if (event.inputType !== "insertText" || event.data === null || event.data.length < 2 || over === undefined || over.collapsed || view.composing || view.state.readOnly) return false;
  const from = view.posAtDOM(over.startContainer, over.startOffset);
  const to = view.posAtDOM(over.endContainer, over.endOffset);
  view.dispatch({ changes: { from, to, insert: event.data }, selection: { anchor: from + event.data.length }, userEvent: "input.type", scrollIntoView: true });
  return true;
}

/** A text that came from the page, not from the keys: it is no edit of the person's, and saying so again would make it one. */
const GIVEN = Annotation.define<true>();

/** The one piece in which two texts differ: what stands around it stays where it is, and so does the cursor. */
function differing(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from += 1;
  let behind = 0;
  while (behind < shorter - from && before.charCodeAt(before.length - 1 - behind) === after.charCodeAt(after.length - 1 - behind)) behind += 1;
  return { from, to: before.length - behind, insert: after.slice(from, after.length - behind) };
}

export default function CodeMirror(props: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  const changing = useRef(new Compartment());
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const { value, language, numbers, complete } = latest.current;
    const made = new EditorView({
      parent: host.current ?? document.body,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(styleNonce()),
          history(),
          language === "text" ? [] : bracketMatching(),
          closeBrackets(),
          Prec.high(autocompletion(complete ? { override: [(context) => latest.current.complete?.(context) ?? null], icons: false } : { icons: false })),
          keysOf(language),
          numbers ? lineNumbers() : [],
          EditorView.lineWrapping,
          codeTheme,
          changing.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.every((each) => each.annotation(GIVEN) === true)) latest.current.onChange?.(update.state.doc.toString());
          }),
          EditorView.inputHandler.of((into, _from, _to, typed) => {
            const stands = into.state.doc.length === 0 ? latest.current.shorthand?.(typed) : null;
            if (!stands) return false;
            into.dispatch({ changes: { from: 0, insert: stands.text }, selection: { anchor: stands.cursor }, userEvent: "input.type" });
            if (complete) startCompletion(into);
            return true;
          }),
          EditorView.domEventHandlers({ blur: () => latest.current.onBlur?.(), beforeinput: putIn }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: changing.current.reconfigure([
        props.placeholder ? hintText(props.placeholder) : [],
        EditorState.readOnly.of(props.readOnly ?? false),
        EditorView.editable.of(!(props.readOnly ?? false)),
        EditorView.theme(
          props.fill
            ? { "&": { height: "100%" }, ".cm-scroller": { overflow: "auto" } }
            : { ".cm-content": { minHeight: `${props.minHeight ?? 32}px` }, ".cm-scroller": { maxHeight: `${props.maxHeight ?? 360}px`, overflow: "auto" } },
        ),
        languageOf(props.language),
        // It is a stop of Tab by nature; said so, whoever looks after the page knows it too.
        EditorView.contentAttributes.of({ "aria-label": props.label, tabindex: "0" }),
        props.extensions ?? [],
      ]),
    });
  }, [props.language, props.label, props.placeholder, props.readOnly, props.minHeight, props.maxHeight, props.fill, props.extensions]);

  // Only now that the text is drawn as it stays: drawn anew, it would lose the place of the cursor.
  useEffect(() => {
    const current = view.current;
    const { held, cursor, complete } = latest.current;
    const at = held?.current ?? cursor;
    if (current === null || at === undefined) return;
    current.focus();
    current.dispatch({ selection: { anchor: Math.min(at, current.state.doc.length) } });
    if (complete) startCompletion(current);
  }, []);

  useEffect(() => {
    const current = view.current;
    if (current === null || current.state.doc.toString() === props.value) return;
    current.dispatch({ changes: differing(current.state.doc.toString(), props.value), annotations: [GIVEN.of(true), Transaction.addToHistory.of(false)] });
  }, [props.value]);

  return <div ref={host} className={style.frame} data-tone={props.tone} data-invalid={props.invalid || undefined} data-fill={props.fill || undefined} />;
}
