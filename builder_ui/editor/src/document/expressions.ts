/** Expressions in the strings of a config: where they stand, and which nodes they read. Read by a real parser. */
import { parser } from "@lezer/python";
import type { SyntaxNode } from "@lezer/common";
import type { Json } from "./types";

export interface Piece {
  kind: "text" | "expression";
  /** For an expression, what stands between the braces. */
  text: string;
  /** Where `text` begins in the whole string. */
  at: number;
}

const OPENING = "([{";
const CLOSING = ")]}";

/** The end of the string literal that begins at `at`; prefixes need no care, as no escape differs in length. */
function endOfString(text: string, at: number): number {
  const quote = text.charAt(at);
  const isTriple = text.startsWith(quote.repeat(3), at);
  const end = isTriple ? quote.repeat(3) : quote;
  let here = at + end.length;
  while (here < text.length) {
    if (text.charAt(here) === "\\") here += 2;
    else if (text.startsWith(end, here)) return here + end.length;
    else here += 1;
  }
  return text.length;
}

/** Where the expression that begins at `from` ends: the first `}}` outside brackets and strings; -1 when it never does. */
function endOfExpression(text: string, from: number): number {
  let depth = 0;
  let here = from;
  while (here < text.length) {
    const char = text.charAt(here);
    if (depth === 0 && text.startsWith("}}", here)) return here;
    if (char === '"' || char === "'") here = endOfString(text, here);
    else {
      if (OPENING.includes(char)) depth += 1;
      else if (CLOSING.includes(char)) depth = Math.max(0, depth - 1);
      here += 1;
    }
  }
  return -1;
}

/** A string as its pieces of text and expressions, in order. An expression never closed is text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let here = 0;
  for (;;) {
    const open = text.indexOf("{{", here);
    const close = open === -1 ? -1 : endOfExpression(text, open + 2);
    if (close === -1) break;
    if (open > here) pieces.push({ kind: "text", text: text.slice(here, open), at: here });
    pieces.push({ kind: "expression", text: text.slice(open + 2, close), at: open + 2 });
    here = close + 2;
  }
  if (here < text.length) pieces.push({ kind: "text", text: text.slice(here), at: here });
  return pieces;
}

export const hasExpression = (value: Json | undefined): boolean =>
  typeof value === "string" && piecesOf(value).some((piece) => piece.kind === "expression");

/** A place in an expression where a node is named. */
export interface NodeMention {
  id: string;
  from: number;
  to: number;
  /** `nodes["charge"]` rather than `nodes.charge`. */
  quoted: boolean;
}

/** Where an expression (without its braces) names nodes, in order. */
export function nodeMentions(expression: string): NodeMention[] {
  if (!expression.includes("nodes")) return [];
  // Leading blanks would be an indentation error to a parser of whole programs.
  const indent = expression.length - expression.trimStart().length;
  // Brackets let the expression run over several lines, as it may between its braces.
  const program = `(${expression.slice(indent)}\n)`;
  const shift = indent - 1;
  const found: NodeMention[] = [];
  let isBroken = false;
  parser.parse(program).iterate({
    enter: (reference) => {
      // What is no expression (yet) names nothing.
      isBroken ||= reference.type.isError;
      if (reference.name !== "MemberExpression") return;
      const mention = mentionAt(reference.node, program);
      if (mention !== null) found.push({ ...mention, from: mention.from + shift, to: mention.to + shift });
    },
  });
  return isBroken ? [] : found.sort((a, b) => a.from - b.from);
}

function mentionAt(member: SyntaxNode, program: string): NodeMention | null {
  const root = member.firstChild;
  if (root?.name !== "VariableName" || program.slice(root.from, root.to) !== "nodes") return null;
  if (isBound(root, "nodes", program)) return null;
  const name = member.getChild("PropertyName");
  if (name !== null) return { id: program.slice(name.from, name.to), from: name.from, to: name.to, quoted: false };
  const key = member.getChild("String");
  if (key === null || member.lastChild?.prevSibling?.from !== key.from) return null;
  const literal = /^(["'])([a-z][a-z0-9_]*)\1$/.exec(program.slice(key.from, key.to));
  if (literal === null) return null;
  return { id: literal[2] ?? "", from: key.from + 1, to: key.to - 1, quoted: true };
}

const SCOPES = new Set(["ComprehensionExpression", "ArrayComprehensionExpression", "SetComprehensionExpression", "DictionaryComprehensionExpression"]);

/** Whether a comprehension or a lambda around the place binds the name, so that it isn't the root of that name. */
export function isBound(place: SyntaxNode, name: string, program: string): boolean {
  for (let scope = place.parent; scope !== null; scope = scope.parent) {
    if (SCOPES.has(scope.name) && bindsInComprehension(scope, place, name, program)) return true;
    if (scope.name === "LambdaExpression" && namesIn(scope.getChild("ParamList"), program).has(name)) return true;
  }
  return false;
}

function bindsInComprehension(scope: SyntaxNode, place: SyntaxNode, name: string, program: string): boolean {
  let isTarget = false;
  let first: SyntaxNode | null = null;
  let isBound = false;
  for (let child = scope.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === "for") isTarget = true;
    else if (child.name === "in" && isTarget) {
      isTarget = false;
      first ??= child.nextSibling;
    } else if (isTarget && namesIn(child, program).has(name)) isBound = true;
  }
  // The first iterable is evaluated outside the comprehension.
  const isInFirst = first !== null && place.from >= first.from && place.to <= first.to;
  return isBound && !isInFirst;
}

function namesIn(node: SyntaxNode | null, program: string): Set<string> {
  const names = new Set<string>();
  node?.cursor().iterate((reference) => {
    if (reference.name === "VariableName") names.add(program.slice(reference.from, reference.to));
    return reference.from < node.to;
  });
  return names;
}

/** The ids of all nodes that a value reads, in its strings at any depth. */
export function nodesRead(value: Json | undefined, into = new Set<string>()): Set<string> {
  if (typeof value === "string") {
    if (!value.includes("{{")) return into;
    for (const piece of piecesOf(value)) {
      if (piece.kind === "expression") for (const mention of nodeMentions(piece.text)) into.add(mention.id);
    }
  } else if (Array.isArray(value)) value.forEach((item) => nodesRead(item, into));
  else if (value !== null && typeof value === "object") Object.values(value).forEach((item) => nodesRead(item, into));
  return into;
}

/** The value with every mention of the nodes in `names` rewritten; the same object where there is none. */
export function renamed<T extends Json | undefined>(value: T, names: ReadonlyMap<string, string>): T {
  return renamedValue(value, names) as T;
}

function renamedValue(value: Json | undefined, names: ReadonlyMap<string, string>): Json | undefined {
  if (typeof value === "string") return renamedText(value, names);
  if (Array.isArray(value)) {
    const list = value.map((item) => renamed(item, names));
    return list.every((item, index) => item === value[index]) ? value : list;
  }
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, renamed(item, names)]);
  return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
}

function renamedText(text: string, names: ReadonlyMap<string, string>): string {
  if (!text.includes("{{")) return text;
  let result = text;
  const pieces = piecesOf(text).filter((piece) => piece.kind === "expression");
  // From the last to the first, so that places found before still hold.
  for (const piece of pieces.reverse()) {
    for (const mention of nodeMentions(piece.text).reverse()) {
      const name = names.get(mention.id);
      if (name === undefined) continue;
      result = result.slice(0, piece.at + mention.from) + name + result.slice(piece.at + mention.to);
    }
  }
  return result;
}
