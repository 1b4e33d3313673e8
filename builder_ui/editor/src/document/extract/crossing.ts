/** What a part of a flow reads of what stands around it, and what is called how on the other side. */
import { idFrom } from "../ids";
import { isObject } from "../same";
import type { DocumentNode, FlowDocument, JsonObject } from "../types";
import { mentionsOf, rewritten, type Mention } from "./mentions";
import type { Handed, Refused } from "./outcome";
import { refused, type Part } from "./part";
import { textsOf, withTexts, type FactsOf } from "./texts";

export interface Crossing {
  inputs: readonly Handed[];
  /** The JSON Schema of the sub-flow's input. */
  schema: JsonObject;
  /** A node of the part as it reads in the sub-flow. */
  carried: (node: DocumentNode) => DocumentNode;
}

/** `f(x)` of Python's names: what may stand behind a dot. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The containers of the part around a node, from the inside out. */
function around(document: FlowDocument, node: DocumentNode, inside: ReadonlySet<string>): DocumentNode[] {
  const byId = new Map(document.nodes.map((each) => [each.id, each]));
  const found: DocumentNode[] = [];
  for (let outer = byId.get(node.parent ?? ""); outer !== undefined && inside.has(outer.id) && !found.includes(outer); outer = byId.get(outer.parent ?? "")) found.push(outer);
  return found;
}

export function crossingOf(document: FlowDocument, part: Part, factsOf: FactsOf): Crossing | Refused {
  const read = readBy(document, part, factsOf);
  if ("reason" in read) return read;
  const { mentions, certain } = read;
  const isWhole = mentions.some((mention) => mention.root === "input" && (mention.key === null || !(isRequired(document, mention.key) || certain.has(mention.key))));

  const names = new Map<string, string>();
  const inputs: Handed[] = [];
  const taken = new Set<string>();
  const hand = (id: string, wanted: string, from: string): void => {
    if (names.has(id)) return;
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    taken.add(name);
    names.set(id, name);
    inputs.push({ name, from });
  };
  // The flow's own input first: what it is called here it shall be called there.
  if (isWhole) hand("input", "input", "input");
  else for (const mention of mentions) if (mention.root === "input") hand(idOf(mention), mention.key ?? "", mention.written);
  for (const mention of mentions) if (mention.root !== "input") hand(idOf(mention), nameFor(mention), readAs(mention));

  const write = (mention: Mention, bound: ReadonlySet<string>): string | null => {
    if (!crosses(mention, bound, part)) return null;
    if (mention.root === "input") return isWhole ? `input.${mention.written}` : null;
    const name = names.get(idOf(mention));
    return name === undefined ? null : `input.${name}${isHandedWhole(mention) ? mention.written.slice(mention.root.length) : ""}`;
  };
  return {
    inputs,
    schema: schemaFor(document, inputs, isWhole),
    carried: (node) => withTexts(node, around(document, node, part.inside), factsOf(node), (text, bound) => rewritten(text, (mention) => write(mention, bound))),
  };
}

const crosses = ({ root, key }: Mention, bound: ReadonlySet<string>, part: Part): boolean => !bound.has(root) && !(root === "nodes" && key !== null && part.inside.has(key));

/** What a turn gives is anyone's data: a key of it may be missing, and is looked up where it was. */
const isHandedWhole = ({ root, key }: Mention): boolean => key === null || root === "item" || root === "index" || root === "last";

const idOf = (mention: Mention): string => (isHandedWhole(mention) ? mention.root : `${mention.root}.${mention.key}`);

/** What is read here for it. */
function readAs(mention: Mention): string {
  if (isHandedWhole(mention)) return mention.root;
  return mention.root === "nodes" ? `nodes.${mention.key}` : mention.written;
}

function nameFor(mention: Mention): string {
  const { root, key } = mention;
  if (isHandedWhole(mention) || key === null) return root;
  if (root === "nodes" || root === "vars") return NAME.test(key) ? key : idFrom(key, root);
  return `${root}_${key}`;
}

/** Every place in the part that reads what stands around it, and the keys of the input that are read in any case. */
function readBy(document: FlowDocument, part: Part, factsOf: FactsOf): { mentions: Mention[]; certain: ReadonlySet<string> } | Refused {
  const mentions: Mention[] = [];
  const certain = new Set<string>();
  for (const node of document.nodes) {
    if (!part.inside.has(node.id)) continue;
    const isAlways = (node.on_error ?? "fail") === "fail" && !node.disabled && part.ways.every((way) => way.runs.has(node.id));
    for (const { text, bound, isCertain } of textsOf(node, around(document, node, part.inside), factsOf(node))) {
      const found = mentionsOf(text);
      if (found === null) return refused("broken", [node.id]);
      for (const mention of found) {
        if (!crosses(mention, bound, part)) continue;
        if (mention.root === "nodes" && mention.key === null) return refused("dynamic", [node.id]);
        mentions.push(mention);
        if (mention.root === "input" && mention.key !== null && isAlways && isCertain && !mention.isPerhaps) certain.add(mention.key);
      }
    }
  }
  return { mentions, certain };
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A run has this key of its input, or it would not have begun. */
const isRequired = ({ inputs }: FlowDocument, key: string): boolean => listed(inputs?.required).includes(key);

function schemaFor({ inputs }: FlowDocument, handed: readonly Handed[], isWhole: boolean): JsonObject {
  const known = isObject(inputs?.properties) ? (inputs.properties) : {};
  const properties = handed.map(({ name, from }): [string, JsonObject] => {
    if (isWhole && name === "input") return [name, inputs ?? {}];
    const own = from.startsWith("input") && Object.hasOwn(known, name) ? known[name] : undefined;
    return [name, isObject(own) ? (own) : {}];
  });
  const schema: JsonObject = { type: "object", properties: Object.fromEntries(properties), required: handed.map(({ name }) => name) };
  // What a field's schema refers to goes along with it.
  for (const key of ["$defs", "definitions"]) {
    const definitions = inputs?.[key];
    if (definitions !== undefined) schema[key] = definitions;
  }
  return schema;
}
