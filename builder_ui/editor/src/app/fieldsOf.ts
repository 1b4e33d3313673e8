/** The fields of the nodes that a few words find: by their name, or by what stands in them. Pure. */
import type { NodeType } from "@/api/types";
import { titleOf, type FlowDocument } from "@/document/types";
import { labelOf, propertiesOf, standing } from "@/inspector/form/schema";
import { fit } from "./ranked";

export interface FoundField {
  node: string;
  title: string;
  name: string;
  label: string;
}

/** Many nodes have a field of the same name: more than these leave no room for anything else. */
const MOST = 12;
const NONE: ReadonlySet<string> = new Set();

/** A name that only holds the letters somewhere is no find among so many. */
const LOOSE = 3;

/** Those that stand in a node's form, best first. */
export function fieldsOf(document: FlowDocument, catalogue: ReadonlyMap<string, NodeType>, typed: string): FoundField[] {
  const words = typed.trim().toLowerCase();
  if (words.length < 2) return [];
  const found = document.nodes.flatMap((node) => {
    const schema = catalogue.get(node.type)?.schema;
    if (schema === undefined) return [];
    const config = node.config ?? {};
    return standing(propertiesOf(schema), config, NONE).shown.flatMap(({ name, schema: field }) => {
      const label = labelOf(name, field);
      const value = config[name];
      const said = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
      const byName = fit(label, words) ?? LOOSE;
      if (byName >= LOOSE && !said.toLowerCase().includes(words)) return [];
      return [{ field: { node: node.id, title: titleOf(node), name, label }, score: byName }];
    });
  });
  return found.sort((a, b) => a.score - b.score).slice(0, MOST).map(({ field }) => field);
}
