import { lazy, Suspense, useEffect, useMemo, useState, type RefObject } from "react";
import { useText, withWords } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { CodeEditor } from "@/ui/CodeEditor";
import { brief } from "@/ui/JsonTree";
import style from "./ExpressionField.module.css";
import { completeExpression, expressionMarks } from "./language";
import { Holder, wrongAt } from "./marks";
import type { Scope } from "./scope";
import { useGives, type Gives } from "./useGives";

const Recipes = lazy(() => withWords(import("./Recipes")).then((part) => ({ default: part.Recipes })));

interface Props {
  value: string;
  onChange: (value: string) => void;
  scope: Scope;
  label: string;
  invalid?: boolean | undefined;
  readOnly?: boolean | undefined;
  cursor?: number | undefined;
  held?: RefObject<number | null> | undefined;
  /** How others put an expression in where the cursor is; null while no editor stands here. */
  intoRef?: RefObject<((expression: string) => boolean) | null> | undefined;
  shorthand?: ((typed: string) => { text: string; cursor: number } | null) | undefined;
  placeholder?: string | undefined;
}

/** A text with expressions in it: completed as it is typed, with the value it gives now beneath, and what is wrong underlined. */
export default function ExpressionField({ value, onChange, scope, label, invalid, readOnly, cursor, held, intoRef, shorthand, placeholder }: Props) {
  const complete = useMemo(() => completeExpression(scope), [scope]);
  const [holder] = useState(() => new Holder());
  const { gives, hasRun } = useGives(value);
  const wrong = gives.kind === "wrong" ? gives : gives.kind === "missing" ? missingAt(value, gives.path) : null;
  const at = wrong === null ? "" : JSON.stringify([wrong.text, wrong.from, wrong.to, wrong.message]);
  const extensions = useMemo(() => {
    const [text, from, to, message] = at === "" ? [] : (JSON.parse(at) as [string, number, number, string]);
    return [expressionMarks, holder.extension, wrongAt(text === undefined ? null : { text, from: from ?? 0, to: to ?? 0, message: message ?? "" })];
  }, [holder, at]);
  useEffect(() => {
    if (intoRef === undefined) return;
    intoRef.current = holder.take;
    return () => {
      intoRef.current = null;
    };
  }, [intoRef, holder]);
  return (
    <div className={style.field}>
      <CodeEditor
        value={value}
        onChange={onChange}
        language="text"
        tone="expression"
        label={label}
        complete={complete}
        extensions={extensions}
        invalid={invalid}
        readOnly={readOnly}
        cursor={cursor}
        held={held}
        shorthand={shorthand}
        placeholder={placeholder}
        maxHeight={220}
      />
      <div className={style.under}>
        <Now gives={gives} hasRun={hasRun} />
        {readOnly !== true && (
          <Suspense>
            <Recipes onTake={holder.take} />
          </Suspense>
        )}
      </div>
    </div>
  );
}

/** A path of which a key isn't there, underlined where it is written. */
function missingAt(text: string, path: string): { text: string; from: number; to: number; message: string } {
  const from = Math.max(0, text.indexOf(path));
  return { text, from, to: from + path.length, message: path };
}

/** The value an expression gives with the last run's data. */
function Now({ gives, hasRun }: { gives: Gives; hasRun: boolean }) {
  const t = useText();
  const tell = useFault();
  switch (gives.kind) {
    case "begin":
      return <p className={style.now}>{t("inspector.expression.begin")}</p>;
    case "value":
      return (
        <p className={style.now} data-testid="expression-now">
          {t("inspector.expression.now")} <code title={JSON.stringify(gives.value, null, 2)}>{brief(gives.value)}</code>
        </p>
      );
    case "missing":
      return <p className={style.now} data-tone="bad">{t("inspector.expression.missing", { path: gives.path, keys: gives.keys.join(", ") || "–" })}</p>;
    case "wrong":
      return (
        <p className={style.now} data-tone="bad" data-testid="expression-wrong">
          {tell(gives.message)} {gives.hint !== "" && <em>{tell(gives.hint)}</em>}
        </p>
      );
    case "unknown":
      return <p className={style.now}>{t(hasRun ? "inspector.expression.unknown" : "inspector.expression.noRun")}</p>;
    case "asking":
      return <p className={style.now} data-asking>{t("inspector.expression.now")} …</p>;
    case "large":
      return <p className={style.now}>{t("inspector.expression.large")}</p>;
    case "server":
      return <p className={style.now}>{t("inspector.expression.server")}</p>;
  }
}
