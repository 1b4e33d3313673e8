/** The two formats of the code view; YAML's reader and colours are fetched when someone chooses it. */
import { json } from "@codemirror/lang-json";
import type { Extension } from "@codemirror/state";
import { jsonOf } from "@/document/code/printed";
import { readJson } from "@/document/code/readJson";
import type { Format, Source } from "@/document/code/source";
import type { FlowDocument } from "@/document/types";

export interface Formatting {
  format: Format;
  read: (text: string) => Source;
  print: (document: FlowDocument) => string;
  language: Extension;
}

const JSON_FORMAT: Formatting = { format: "json", read: readJson, print: jsonOf, language: json() };

export async function formattingOf(format: Format): Promise<Formatting> {
  if (format === "json") return JSON_FORMAT;
  const [{ yamlLanguage }, { readYaml, yamlOf }, { arranged }] = await Promise.all([import("./yamlLanguage"), import("@/document/code/readYaml"), import("@/document/code/printed")]);
  return { format, read: readYaml, print: (document) => yamlOf(arranged(document)), language: yamlLanguage };
}
