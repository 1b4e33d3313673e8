import { useState } from "react";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/CodeEditor";
import { anyTextOf, anyValueOf, isWords } from "./anyText";
import type { ControlProps } from "./Control";
import { useForm } from "./context";

/** A value of any shape: words, or JSON. What isn't JSON yet stays in the field and out of the document. */
export function AnyField({ value, onChange, label, invalid }: ControlProps) {
  const text = useText();
  const { readOnly } = useForm();
  const said = anyTextOf(value);
  const [draft, setDraft] = useState<{ text: string; from: string } | null>(null);
  const shown = draft !== null && draft.from === said ? draft.text : said;
  const change = (next: string): void => {
    const read = anyValueOf(next);
    setDraft({ text: next, from: read === null ? said : anyTextOf(read.value) });
    if (read !== null) onChange(read.value);
  };
  const language = shown === "" || isWords(shown) ? "text" : "json";
  return <CodeEditor value={shown} onChange={change} language={language} label={label} readOnly={readOnly} invalid={invalid} minHeight={48} placeholder={text("inspector.form.json")} />;
}
