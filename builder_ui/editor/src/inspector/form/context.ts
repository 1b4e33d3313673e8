import { createContext, use } from "react";
import type { JsonSchema, Problem } from "@/api/types";
import type { Json } from "@/document/types";
import type { Scope } from "../expression/scope";

export type Path = (string | number)[];

/** What every field of a form may know. */
export interface FormContext {
  /** The schema whose `$defs` references point into. */
  root: JsonSchema;
  readOnly: boolean;
  /** Fields of the top level whose text holds no expressions. */
  verbatim: ReadonlySet<string>;
  /** Texts for values of choices. */
  labels: Readonly<Record<string, string>>;
  /** Null where the form takes plain values only. */
  scope: Scope | null;
  /** Names that must be unique to the page, for labels. */
  id: string;
  set: (path: Path, value: Json | undefined) => void;
  problemsAt: (path: Path) => readonly Problem[];
}

export const Form = createContext<FormContext | null>(null);

export function useForm(): FormContext {
  const form = use(Form);
  if (form === null) throw new Error("a field stands outside of a form");
  return form;
}

export const fieldId = (form: string, path: Path): string => `${form}/${path.join("/")}`;
