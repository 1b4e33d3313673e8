/** Labels of edits for the history: typed against the languages. */
import { t, type TextKey, type Values } from "@/i18n";
import type { Label } from "@/document/history";

export const labelled = (key: TextKey, params?: Values): Label => (params === undefined ? { key } : { key, params });

/** What an edit is called in the language spoken now. */
export const labelText = (label: Label): string => t(label.key as TextKey, label.params ?? {});
