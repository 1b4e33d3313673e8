import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconMathFunction, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useRef, useState, type ReactNode } from "react";
import type { JsonSchema } from "@/api/types";
import { hasExpression } from "@/document/expressions";
import type { Json } from "@/document/types";
import { useText } from "@/i18n";
import { PlainCode } from "@/ui/PlainCode";
import { fieldId, useForm, type Path } from "./context";
import { Control } from "./Control";
import style from "./form.module.css";
import { fieldOf, labelOf, type FieldSpec } from "./schema";
import { useTaking } from "./useTaking";

const ExpressionField = lazy(() => import("../expression/ExpressionField"));

export interface FieldProps {
  name: string;
  schema: JsonSchema;
  value: Json | undefined;
  path: Path;
  required?: boolean;
  /** Takes the option out of the form again. */
  onRemove?: (() => void) | undefined;
  bare?: boolean;
  /** What it is called where its name already stands beside it, or nowhere. */
  named?: string;
}

const BEGUN = "{{  }}";
/** `=` in an empty field begins an expression, whichever control stands there at that moment. */
const shorthand = (typed: string): { text: string; cursor: number } | null => (typed === "=" ? { text: BEGUN, cursor: 3 } : null);

/** Whether the value stands as an expression rather than as a plain value. */
const isExpression = (value: Json | undefined, spec: FieldSpec): boolean =>
  typeof value === "string" && (hasExpression(value) || (spec.kind === "any" && value !== ""));

/** One field: its label, its control or its expression, what it means, and what is wrong with it. */
export function Field({ name, schema, value, path, required, onRemove, bare, named }: FieldProps) {
  const text = useText();
  const form = useForm();
  const spec = fieldOf(schema, form.root);
  const mayExpress = form.scope !== null && spec.schema["x-plain"] !== true && !form.verbatim.has(String(path[0]));
  const [forced, force] = useState(false);
  const [cursor, setCursor] = useState<number>();
  const held = useRef<number | null>(null);
  const into = useRef<((expression: string) => boolean) | null>(null);
  const stands = (given: Json | undefined): boolean => isExpression(given, spec) || (spec.kind === "any" && (given === undefined || given === "") && !form.readOnly);
  const expressed = mayExpress && (forced || stands(value));
  const problems = form.problemsAt(path);
  const isSilent = bare === true && name === "";
  const label = isSilent ? (named ?? "") : bare ? name : labelOf(name, spec.schema);
  const id = fieldId(form.id, path);

  const express = (next: string, at: number): void => {
    setCursor(at);
    force(true);
    form.set(path, next);
  };
  const toggle = (): void => {
    if (!expressed) {
      const kept = typeof value === "string" && value !== "" ? value : null;
      if (kept !== null && spec.kind === "text") express(kept, kept.length);
      else express(BEGUN, 3);
      return;
    }
    force(false);
    form.set(path, spec.kind === "any" ? null : undefined);
  };
  // A text may hold expressions beside words: there is nothing to turn back into.
  const mayToggle = mayExpress && !form.readOnly && spec.kind !== "object" && !(expressed && spec.kind === "text");
  /** `=` in an empty field, or `{{` anywhere, begins an expression. */
  const typed = (next: Json | undefined): void => {
    if (mayExpress && typeof next === "string") {
      const begun = shorthand(next);
      if (begun !== null) return express(begun.text, begun.cursor);
      const open = next.indexOf("{{");
      if (open !== -1) return express(next.includes("}}") ? next : `${next.slice(0, open)}{{ ${next.slice(open + 2).trimStart()} }}`, open + 3);
    }
    // JSON that has become words, or nothing: another field takes its place, and goes on where one types.
    if (mayExpress && stands(next)) setCursor(typeof next === "string" ? next.length : 0);
    form.set(path, next);
  };

  /** What holds other fields is set through those. */
  const isWhole = !["object", "list", "map", "variants"].includes(spec.kind) || expressed || value === undefined || value === null;
  const taking = useTaking(id, label, mayExpress && !form.readOnly && spec.kind !== "object" && isWhole, (taken) => {
    if (into.current?.(taken) === true) return;
    const next = `${spec.kind === "text" && typeof value === "string" ? value : ""}{{ ${taken} }}`;
    express(next, next.length);
  });

  const expression = {
    value: typeof value === "string" ? value : "",
    onChange: (next: string): void => {
      // While it is typed in, it stays an expression, even with nothing left in it.
      force(true);
      form.set(path, next === "" ? undefined : next);
    },
    label,
    readOnly: form.readOnly,
    cursor,
    held,
    shorthand,
    placeholder: text("inspector.expression.placeholder"),
  };

  return (
    <div className={style.field} data-field={`/${path.join("/")}`} data-invalid={problems.length > 0 || undefined} {...taking.props}>
      {!isSilent && (
        <div className={style.head}>
          <label className={style.label} htmlFor={id} id={`${id}-label`}>
            {label}
            {required ? <span className={style.required} role="img" aria-label={text("common.required")} /> : null}
          </label>
          {expressed && <span className={style.mode}>{text("inspector.expression.word")}</span>}
          {mayToggle && (
            <Tooltip label={text(expressed ? "inspector.expression.toValue" : "inspector.expression.toExpression")}>
              <ActionIcon size={22} className={style.toggle} data-on={expressed || undefined} onClick={toggle} aria-label={text("inspector.expression.toExpression")} aria-pressed={expressed}>
                <IconMathFunction size={14} />
              </ActionIcon>
            </Tooltip>
          )}
          {onRemove !== undefined && !form.readOnly && (
            <Tooltip label={text("common.action.remove")}>
              <ActionIcon size={22} className={style.toggle} onClick={onRemove} aria-label={text("inspector.form.removeOption", { name: label })}>
                <IconX size={13} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      )}
      {expressed && form.scope !== null ? (
        <Suspense fallback={<PlainCode {...expression} language="text" />}>
          <ExpressionField {...expression} intoRef={into} scope={form.scope} invalid={problems.length > 0} />
        </Suspense>
      ) : (
        <Control id={id} spec={spec} value={value} path={path} onChange={typed} label={label} named={isSilent ? label : undefined} invalid={problems.length > 0} required={required ?? false} />
      )}
      <Below description={spec.schema.description}>
        {problems.map((problem) => (
          <p key={problem.code + problem.message} className={style.problem} role="alert">
            <IconAlertCircle size={13} aria-hidden />
            <span>
              {problem.message}
              {problem.hint ? <em> {problem.hint}</em> : null}
            </span>
          </p>
        ))}
      </Below>
    </div>
  );
}

function Below({ description, children }: { description: string | undefined; children: ReactNode }) {
  return (
    <>
      {children}
      {description ? <p className={style.description}>{description}</p> : null}
    </>
  );
}
