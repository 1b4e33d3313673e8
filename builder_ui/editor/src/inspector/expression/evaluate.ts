/**
 * What an expression gives now, where that can be told without the server: paths, literals and simple comparisons.
 * It never guesses: for anything else the answer is `server`.
 */
import { parser } from "@lezer/python";
import type { SyntaxNode } from "@lezer/common";
import { piecesOf } from "@/document/expressions";
import type { Json } from "@/document/types";

/** `undefined` is a value that isn't known yet: a node that hasn't run, an item outside of a run. */
export type Roots = Readonly<Record<string, Json | undefined | { readonly [node: string]: Json | undefined }>>;
export type Preview = { kind: "value"; value: Json } | { kind: "missing"; path: string; keys: string[] } | { kind: "unknown" } | { kind: "server" };

class Unknown extends Error {}
class OnServer extends Error {}
class Missing extends Error {
  constructor(
    readonly path: string,
    readonly keys: string[],
  ) {
    super(path);
  }
}

/** The value of a text with expressions in it: of one expression its own value, else the text with all filled in. */
export function preview(text: string, roots: Roots): Preview {
  try {
    const pieces = piecesOf(text);
    const only = pieces.length === 1 ? pieces[0] : undefined;
    if (only?.kind === "expression") return { kind: "value", value: evaluated(only.text, roots) };
    const filled = pieces.map((piece) => (piece.kind === "text" ? piece.text : said(evaluated(piece.text, roots))));
    return { kind: "value", value: filled.join("") };
  } catch (error) {
    if (error instanceof Missing) return { kind: "missing", path: error.path, keys: error.keys };
    if (error instanceof Unknown) return { kind: "unknown" };
    if (error instanceof OnServer) return { kind: "server" };
    throw error;
  }
}

const said = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

export function evaluated(expression: string, roots: Roots): Json {
  const program = `(${expression.trim()}\n)`;
  const statement = parser.parse(program).topNode.firstChild;
  const whole = statement?.name === "ExpressionStatement" ? statement.firstChild : null;
  if (whole === null || whole === undefined || statement?.nextSibling) throw new OnServer();
  return valueOf(whole, program, roots);
}

function valueOf(node: SyntaxNode, program: string, roots: Roots): Json {
  const text = program.slice(node.from, node.to);
  switch (node.name) {
    case "ParenthesizedExpression":
      return valueOf(operands(node)[0] ?? fail(), program, roots);
    case "VariableName":
      return root(text, roots);
    case "MemberExpression":
      return member(node, program, roots);
    case "Number":
      return /^\d+(\.\d+)?$/.test(text) ? Number(text) : fail();
    case "UnaryExpression":
      return /^-\d+(\.\d+)?$/.test(text) ? Number(text) : fail();
    case "String":
      return /^(["'])[^\\\n]*\1$/.test(text) ? text.slice(1, -1) : fail();
    case "Boolean":
      return text === "True";
    case "None":
      return null;
    case "BinaryExpression":
      return compared(node, program, roots);
    default:
      return fail();
  }
}

const fail = (): never => {
  throw new OnServer();
};

const PUNCTUATION = new Set(["(", ")", "[", "]", ".", "CompareOp", "⚠"]);
function operands(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.type.isError) fail();
    if (!PUNCTUATION.has(child.name)) found.push(child);
  }
  return found;
}

function root(name: string, roots: Roots): Json {
  if (name === "true" || name === "false") return name === "true";
  if (name === "null") return null;
  if (!Object.hasOwn(roots, name)) return fail();
  const value = roots[name];
  if (value === undefined) throw new Unknown();
  return value as Json;
}

function member(node: SyntaxNode, program: string, roots: Roots): Json {
  const [of, key] = operands(node);
  if (of === undefined || key === undefined || operands(node).length > 2) return fail();
  const value = valueOf(of, program, roots);
  const name = key.name === "PropertyName" ? program.slice(key.from, key.to) : valueOf(key, program, roots);
  // A path through null is null; a missing key of a real object is an error.
  if (value === null) return null;
  if (Array.isArray(value)) return typeof name === "number" ? (value.at(name) ?? missing(node, program, [])) : fail();
  if (typeof value !== "object" || typeof name !== "string") return fail();
  if (!Object.hasOwn(value, name)) return missing(node, program, Object.keys(value));
  const found = value[name];
  if (found === undefined) throw new Unknown();
  return found;
}

const missing = (node: SyntaxNode, program: string, keys: string[]): never => {
  throw new Missing(program.slice(node.from, node.to), keys);
};

function compared(node: SyntaxNode, program: string, roots: Roots): Json {
  const [left, right] = operands(node);
  const sign = node.getChild("CompareOp");
  if (left === undefined || right === undefined || sign === null || operands(node).length !== 2) return fail();
  const [a, b] = [valueOf(left, program, roots), valueOf(right, program, roots)];
  const isPlain = [a, b].every((each) => each === null || typeof each !== "object");
  const operator = program.slice(sign.from, sign.to);
  if (isPlain && typeof a !== "boolean" && typeof b !== "boolean") {
    if (operator === "==") return a === b;
    if (operator === "!=") return a !== b;
    if (typeof a === "number" && typeof b === "number") {
      if (operator === "<") return a < b;
      if (operator === ">") return a > b;
      if (operator === "<=") return a <= b;
      if (operator === ">=") return a >= b;
    }
  }
  return fail();
}
