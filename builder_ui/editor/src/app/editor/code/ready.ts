/** A text that can be taken over: it reads, and is a document the editor can hold. */
import { misfitsOf } from "@/document/code/fitting";
import type { Json } from "@/document/types";
import type { Formatting } from "./formats";

/** What the text says; null where something is wrong with it. */
export function readySource(formatting: Formatting, text: string): Json | null {
  const source = formatting.read(text);
  return source.value === undefined || source.faults.length > 0 || misfitsOf(source).length > 0 ? null : source.value;
}
