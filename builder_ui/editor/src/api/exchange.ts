/** Flows as files: out as the command line writes them, and in by a plan that is shown first. */
import type { Problem } from "./types";
import { post } from "./client";

export interface Files {
  /** Texts by file name, the manifest among them. */
  files: Record<string, string>;
  /** The same as a zip, in base64. */
  archive: string | null;
}

export interface Planned {
  file: string;
  name: string;
  what: "new" | "changed" | "same";
  flow: string | null;
  before: string;
  text: string;
  unknown_types: string[];
  unbound: string[];
  problems: Problem[];
  publishes: boolean;
  version: number | null;
}

export interface Refused {
  file: string;
  reason: string;
}

export interface Taking {
  flows: Planned[];
  refused: Refused[];
  left_out: string[];
  changes: number;
}

export type Given = { files: Record<string, string> } | { archive: string };

export const exchange = {
  out: (flows: readonly string[], archive: boolean) => post<Files>("/api/flows/export/", { flows, archive }),
  planned: (given: Given, publish: boolean) => post<Taking>("/api/flows/import/?preview=1", { ...given, publish }),
  taken: (given: Given, publish: boolean) => post<Taking>("/api/flows/import/", { ...given, publish }),
};
