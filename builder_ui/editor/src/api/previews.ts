/** What an expression gives on values at hand, told by the server as a step would have it. */
import type { Json } from "@/document/types";
import { post } from "./client";

/** `start` and `end` are places in the text. */
export interface Fault {
  code: string;
  message: string;
  hint: string;
  start: number;
  end: number;
}

export interface ExpressionPreview {
  value?: Json;
  large: boolean;
  unknown: string[];
  error: Fault | null;
}

export const previewOf = (text: string, values: Record<string, unknown>) => post<ExpressionPreview>("/api/expressions/", { text, values });
