import { useState } from "react";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/CodeEditor";
import type { ControlProps } from "./Control";
import { useForm } from "./context";

/** A value of any shape as JSON. What isn't JSON yet stays in the field and out of the document. */
export function AnyField({ value, onChange, label, invalid }: ControlProps) {
  const text = useText();
  const { readOnly } = useForm();
  const said = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState<{ text: string; from: string } | null>(null);
  const shown = draft !== null && draft.from === said ? draft.text : said;
  const change = (next: string): void => {
    if (next.trim() === "") {
      setDraft(null);
      onChange(undefined);
      return;
    }
    try {
      const parsed = JSON.parse(next) as Json;
      setDraft({ text: next, from: JSON.stringify(parsed, null, 2) });
      onChange(parsed);
    } catch {
      setDraft({ text: next, from: said });
    }
  };
  return <CodeEditor value={shown} onChange={change} language="json" label={label} readOnly={readOnly} invalid={invalid} minHeight={48} placeholder={text("inspector.form.json")} />;
}
