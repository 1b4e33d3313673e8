/** A request as a webhook hands it to its flow, for whoever starts the flow by hand. */
import type { FlowDocument, Json, JsonObject } from "./types";

const READ = /\binput\.(body|query|headers|params)\.([A-Za-z_]\w*)/g;

/** With every key that the flow reads of it; their values are for the person to fill in. */
export function requestOf(document: FlowDocument): JsonObject {
  const parts: Record<string, Record<string, Json>> = { query: {}, headers: {}, body: {} };
  for (const [, part = "", key = ""] of JSON.stringify(document.nodes).matchAll(READ)) {
    const fields = (parts[part] ??= {});
    fields[key] = null;
  }
  return { method: "POST", ...parts };
}
