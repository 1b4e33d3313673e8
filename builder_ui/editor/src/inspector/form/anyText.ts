/** How a value of any shape is written in one field: words stand as they are, the rest is JSON. */
import type { Json } from "@/document/types";

const BEGINS_JSON = /^\s*["[{]/;

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** Whether a text is taken as words: it isn't JSON and doesn't begin like it. */
export const isWords = (text: string): boolean => text.trim() !== "" && !BEGINS_JSON.test(text) && parsed(text) === undefined;

/** The text of a value; a word that would be read as something else keeps its quotes. */
export function anyTextOf(value: Json | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" && isWords(value) ? value : JSON.stringify(value, null, 2);
}

/** The value of a text; null where it begins as JSON and isn't JSON yet, undefined where nothing is written. */
export function anyValueOf(text: string): { value: Json | undefined } | null {
  if (text.trim() === "") return { value: undefined };
  const value = parsed(text);
  if (value !== undefined) return { value };
  return isWords(text) ? { value: text } : null;
}
