import { useMemo, type RefObject } from "react";
import { useText } from "@/i18n";
import { nodeMentions, piecesOf } from "@/document/expressions";
import { CodeEditor } from "@/ui/CodeEditor";
import { brief } from "@/ui/JsonTree";
import { preview, type Roots } from "./evaluate";
import style from "./ExpressionField.module.css";
import { completeExpression, expressionMarks } from "./language";
import { useSamples, type Scope } from "./scope";

interface Props {
  value: string;
  onChange: (value: string) => void;
  scope: Scope;
  label: string;
  invalid?: boolean | undefined;
  readOnly?: boolean | undefined;
  cursor?: number | undefined;
  held?: RefObject<number | null> | undefined;
  shorthand?: ((typed: string) => { text: string; cursor: number } | null) | undefined;
  placeholder?: string | undefined;
}

/** A text with expressions in it: completed as it is typed, with the value it gives now beneath. */
export default function ExpressionField({ value, onChange, scope, label, invalid, readOnly, cursor, held, shorthand, placeholder }: Props) {
  const complete = useMemo(() => completeExpression(scope), [scope]);
  return (
    <div className={style.field}>
      <CodeEditor
        value={value}
        onChange={onChange}
        language="text"
        tone="expression"
        label={label}
        complete={complete}
        extensions={expressionMarks}
        invalid={invalid}
        readOnly={readOnly}
        cursor={cursor}
        held={held}
        shorthand={shorthand}
        placeholder={placeholder}
        maxHeight={220}
      />
      <Now text={value} hasRun={scope.run !== null} />
    </div>
  );
}

/** The value an expression gives with the last run's data. */
function Now({ text, hasRun }: { text: string; hasRun: boolean }) {
  const t = useText();
  const pieces = piecesOf(text).filter((piece) => piece.kind === "expression");
  const ids = [...new Set(pieces.flatMap((piece) => nodeMentions(piece.text).map((mention) => mention.id)))];
  const samples = useSamples(ids);
  if (pieces.every((piece) => piece.text.trim() === "")) return <p className={style.now}>{t("inspector.expression.begin")}</p>;
  const roots: Roots = {
    input: samples.input,
    nodes: samples.nodes,
    vars: samples.vars,
    item: undefined,
    index: undefined,
    now: undefined,
    flow: undefined,
    run: samples.run ? { id: samples.run.id, number: samples.run.number ?? null, attempt: samples.run.attempt ?? 1, started_at: samples.run.started_at } : undefined,
  };
  const answer = preview(text, roots);
  switch (answer.kind) {
    case "value":
      return (
        <p className={style.now} data-testid="expression-now">
          {t("inspector.expression.now")} <code title={JSON.stringify(answer.value, null, 2)}>{brief(answer.value)}</code>
        </p>
      );
    case "missing":
      return <p className={style.now} data-tone="bad">{t("inspector.expression.missing", { path: answer.path, keys: answer.keys.join(", ") || "–" })}</p>;
    case "unknown":
      return <p className={style.now}>{t(hasRun ? "inspector.expression.unknown" : "inspector.expression.noRun")}</p>;
    case "server":
      return <p className={style.now}>{t("inspector.expression.server")}</p>;
  }
}
