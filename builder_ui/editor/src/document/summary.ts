/** The second line of a card: what a node is set to do, from its type's template and its config. */
import { pointed } from "./catalogue";
import type { Json, JsonObject } from "./types";

/** `{method} {url}` filled from the config; an expression is shown without its braces, `https://` left out. */
export function summaryOf(template: string, config: JsonObject = {}): string {
  if (template === "") return "";
  return template
    .replace(/\{([^{}]+)\}/g, (_whole, path: string) => plain(pointed(config, `/${path.replaceAll(".", "/")}`)[0]))
    .replace(/\s+/g, " ")
    .trim();
}

function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.replace(/^https?:\/\//, "").replace(/\{\{\s*(.*?)\s*\}\}/g, "$1");
  if (Array.isArray(value)) return value.map(plain).filter(Boolean).join(", ");
  if (typeof value === "object") return Object.keys(value).join(", ");
  return String(value);
}
