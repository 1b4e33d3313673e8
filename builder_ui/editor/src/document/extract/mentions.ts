/** Where an expression reads the roots of a run, and texts with those places rewritten. Read by a real parser. */
import { parser } from "@lezer/python";
import type { SyntaxNode } from "@lezer/common";
import { isBound, piecesOf } from "../expressions";

export const ROOTS: ReadonlySet<string> = new Set(["input", "nodes", "vars", "run", "flow", "item", "index", "last", "lock"]);

export interface Mention {
  root: string;
  /** The key that is read of the root, where it is known: `order_id` of `input.order_id`. */
  key: string | null;
  /** From the root to the end of its key. */
  from: number;
  to: number;
  /** As it is written: `input["order id"]`. */
  written: string;
  /** It stands where it is not always evaluated. */
  isPerhaps: boolean;
}

const PERHAPS = new Set(["ConditionalExpression", "ComprehensionExpression", "ArrayComprehensionExpression", "SetComprehensionExpression", "DictionaryComprehensionExpression", "LambdaExpression"]);

/** The places in an expression (without its braces) that read roots, in order; null where it is no expression. */
export function mentionsIn(expression: string): Mention[] | null {
  const indent = expression.length - expression.trimStart().length;
  const program = `(${expression.slice(indent)}\n)`;
  const shift = indent - 1;
  const found: Mention[] = [];
  let isBroken = false;
  parser.parse(program).iterate({
    enter: (reference) => {
      isBroken ||= reference.type.isError;
      if (reference.name !== "VariableName") return;
      const mention = mentionAt(reference.node, program);
      if (mention !== null) found.push({ ...mention, from: mention.from + shift, to: mention.to + shift });
    },
  });
  return isBroken ? null : found.sort((a, b) => a.from - b.from);
}

function mentionAt(name: SyntaxNode, program: string): Mention | null {
  const root = program.slice(name.from, name.to);
  // `f(input=1)` names a parameter, not the root.
  const isParameter = name.parent?.name === "ArgList" && name.nextSibling?.name === "AssignOp";
  if (!ROOTS.has(root) || isParameter || isBound(name, root, program)) return null;
  const read = keyOf(name, program);
  const [from, to] = [name.from, read?.to ?? name.to];
  return { root, key: read?.key ?? null, from, to, written: program.slice(from, to), isPerhaps: isPerhaps(name, program) };
}

/** The static key that is read of a name; a dotted name that is called is a method, not a key. */
function keyOf(name: SyntaxNode, program: string): { key: string; to: number } | null {
  const member = name.parent;
  if (member?.name !== "MemberExpression" || member.firstChild?.from !== name.from) return null;
  const property = member.getChild("PropertyName");
  if (property !== null) {
    const isMethod = member.parent?.name === "CallExpression" && member.parent.firstChild?.from === member.from && member.parent.firstChild.to === member.to;
    return isMethod ? null : { key: program.slice(property.from, property.to), to: member.to };
  }
  const literal = member.getChild("String");
  if (literal === null || member.lastChild?.prevSibling?.from !== literal.from) return null;
  const text = /^(["'])([^\\"'\n]*)\1$/.exec(program.slice(literal.from, literal.to));
  return text === null ? null : { key: text[2] ?? "", to: member.to };
}

function isPerhaps(place: SyntaxNode, program: string): boolean {
  for (let around = place.parent; around !== null; around = around.parent) {
    if (PERHAPS.has(around.name)) return true;
    const word = around.name === "BinaryExpression" ? program.slice(around.firstChild?.to, around.lastChild?.from).trim() : "";
    if (word === "and" || word === "or") return true;
  }
  return false;
}

/** What a text reads; null where one of its expressions is none. */
export function mentionsOf(text: string): Mention[] | null {
  if (!text.includes("{{")) return [];
  const found: Mention[] = [];
  for (const piece of piecesOf(text)) {
    if (piece.kind === "text") continue;
    const mentions = mentionsIn(piece.text);
    if (mentions === null) return null;
    found.push(...mentions.map((mention) => ({ ...mention, from: mention.from + piece.at, to: mention.to + piece.at })));
  }
  return found;
}

/** The text with mentions written otherwise; null leaves one as it is. */
export function rewritten(text: string, write: (mention: Mention) => string | null): string {
  let result = text;
  // From the last to the first, so that places found before still hold.
  for (const mention of [...(mentionsOf(text) ?? [])].reverse()) {
    const instead = write(mention);
    if (instead !== null) result = result.slice(0, mention.from) + instead + result.slice(mention.to);
  }
  return result;
}
