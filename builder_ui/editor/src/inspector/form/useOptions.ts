import type { Json } from "@/document/types";
import { useForm } from "./context";

const asText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The entries of a list of choices, each with the text the form has for its value. */
export function useOptions(choices: readonly Json[]): { value: string; label: string }[] {
  const { labels } = useForm();
  return choices.map((each) => ({ value: JSON.stringify(each), label: labels[asText(each)] ?? asText(each) }));
}
