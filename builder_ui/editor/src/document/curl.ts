/**
 * A cURL command as the config of an HTTP request.
 *
 * It decides what of a command a request can say. What is secret never comes into a document, and what a
 * server can't have (files of this machine) or a request has no word for is named, so that nothing goes unsaid.
 */
import { wordsOf } from "./shell";
import type { Json, JsonObject } from "./types";

export interface Request {
  config: JsonObject;
  /** What was left out, as the command names it. */
  left: string[];
}

interface Heard {
  method: string | null;
  url: string | null;
  headers: Map<string, string>;
  data: string[];
  isJson: boolean;
  asQuery: boolean;
  timeout: string | null;
  left: Set<string>;
}

const SECRET = /^(authorization|proxy-authorization|cookie|x-api-key|x-auth-token|api-key)$/;

/** Short names stand for long ones; those that take no value can be run together: `-sSL`. */
const SHORT: Record<string, string> = { X: "request", H: "header", d: "data", u: "user", A: "user-agent", b: "cookie", e: "referer", m: "max-time", F: "form", o: "output", x: "proxy", T: "upload-file", E: "cert", w: "write-out", c: "cookie-jar", D: "dump-header", G: "get", I: "head" };
const FLAGS: Record<string, (heard: Heard) => void> = {
  get: (heard) => (heard.asQuery = true),
  head: (heard) => (heard.method = "HEAD"),
};
/** About this terminal only: how it shows what comes and goes. */
const SILENT = new Set(["silent", "show-error", "location", "verbose", "include", "compressed", "fail", "globoff", "http1.1", "http2", "no-buffer", "progress-bar", "output", "write-out", "cookie-jar", "dump-header"]);

const unquoted = (name: string): string => name.trim().toLowerCase();

function addHeader(heard: Heard, line: string): void {
  const [name = "", ...rest] = line.split(":");
  const key = unquoted(name);
  if (SECRET.test(key)) heard.left.add(key);
  else if (key !== "" && rest.length > 0) heard.headers.set(key, rest.join(":").trim());
}

const addData =
  (option: string, encode: (text: string) => string = (text) => text) =>
  (heard: Heard, value: string): void => {
    if (value.startsWith("@")) heard.left.add(`--${option} ${value}`);
    else heard.data.push(encode(value));
  };

function encoded(text: string): string {
  const at = text.indexOf("=");
  return at === -1 ? encodeURIComponent(text) : `${text.slice(0, at + 1)}${encodeURIComponent(text.slice(at + 1))}`.replace(/^=/, "");
}

const VALUED: Record<string, (heard: Heard, value: string) => void> = {
  request: (heard, value) => (heard.method = value.toUpperCase()),
  url: (heard, value) => (heard.url ??= value),
  header: addHeader,
  data: addData("data"),
  "data-ascii": addData("data-ascii"),
  "data-binary": addData("data-binary"),
  "data-raw": (heard, value) => heard.data.push(value),
  "data-urlencode": addData("data-urlencode", encoded),
  json: (heard, value) => {
    heard.isJson = true;
    addData("json")(heard, value);
  },
  user: (heard) => heard.left.add("--user"),
  "oauth2-bearer": (heard) => heard.left.add("--oauth2-bearer"),
  cookie: (heard) => heard.left.add("--cookie"),
  "user-agent": (heard, value) => heard.headers.set("user-agent", value),
  referer: (heard, value) => heard.headers.set("referer", value),
  "max-time": (heard, value) => (heard.timeout = /^\d+$/.test(value) ? `${value}s` : null),
};
for (const option of ["form", "form-string", "proxy", "upload-file", "cert", "key", "cacert", "connect-timeout", "retry", "resolve", "interface"]) {
  VALUED[option] = (heard) => heard.left.add(`--${option}`);
}
for (const option of ["output", "write-out", "cookie-jar", "dump-header"]) VALUED[option] = () => undefined;

function heardIn(words: readonly string[]): Heard {
  const heard: Heard = { method: null, url: null, headers: new Map(), data: [], isJson: false, asQuery: false, timeout: null, left: new Set() };
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (!word.startsWith("-") || word === "-") {
      heard.url ??= word;
      continue;
    }
    const [name, glued] = word.startsWith("--") ? [word.slice(2), undefined] : shortOf(word);
    const take = VALUED[name];
    if (take !== undefined) {
      take(heard, glued ?? words[(i += 1)] ?? "");
    } else if (FLAGS[name] !== undefined) FLAGS[name](heard);
    else if (word.startsWith("--") && !SILENT.has(name)) heard.left.add(word);
  }
  return heard;
}

/** `-XPOST` is `-X POST`; `-sSLX POST` ends in the one that takes a value. */
function shortOf(word: string): [string, string | undefined] {
  for (let i = 1; i < word.length; i += 1) {
    const name = SHORT[word.charAt(i)];
    if (name === undefined) continue;
    const rest = word.slice(i + 1);
    if (VALUED[name] === undefined) return [name, undefined];
    return [name, rest === "" ? undefined : rest];
  }
  return ["", undefined];
}

/** Braces that came in a command are words, not expressions. */
const literal = (text: string): string => text.replaceAll("{{", "{{ '{{' }}");

function literals(value: Json): Json {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(literals);
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literals(item)]));
  return value;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function pairsOf(text: string): JsonObject {
  const pairs = new URLSearchParams(text);
  return Object.fromEntries([...new Set(pairs.keys())].map((key) => {
    const values = pairs.getAll(key).map(literal);
    return [key, values.length === 1 ? (values[0] ?? "") : values];
  }));
}

/** The body, in the word of a request that says it best. */
function bodyOf(heard: Heard): JsonObject {
  if (heard.data.length === 0) return {};
  const text = heard.data.join("&");
  const kind = heard.headers.get("content-type");
  const json = jsonOf(heard.isJson ? heard.data.join("") : text);
  const saysJson = heard.isJson || (kind?.includes("json") ?? false);
  if (json !== undefined && json !== null && (saysJson || (kind === undefined && typeof json === "object"))) {
    if (kind === "application/json") heard.headers.delete("content-type");
    return { json: literals(json) };
  }
  const isForm = kind === undefined || kind.startsWith("application/x-www-form-urlencoded");
  if (isForm && !saysJson && /^[^=&]+=/.test(text)) {
    heard.headers.delete("content-type");
    return { form: pairsOf(text) };
  }
  return { body: literal(text) };
}

function addressOf(heard: Heard): string | null {
  const given = heard.url;
  if (given === null || given === "") return null;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  const named = /^([a-z]+:\/\/)[^/@?#]*@(.*)$/is.exec(whole);
  if (named === null) return literal(whole);
  heard.left.add("user:password@");
  return literal(`${named[1] ?? ""}${named[2] ?? ""}`);
}

/** What the command asks for; null where the text is no cURL command. */
export function requestOf(text: string): Request | null {
  const command = text.trim().replace(/^\$\s+/, "");
  if (!/^curl(\.exe)?\s/i.test(command)) return null;
  const words = wordsOf(command);
  if (words === null) return null;
  const heard = heardIn(words.slice(1));
  const url = addressOf(heard);
  if (url === null) return null;
  const query = heard.asQuery && heard.data.length > 0 ? pairsOf(heard.data.join("&")) : null;
  const body = heard.asQuery ? {} : bodyOf(heard);
  const headers = Object.fromEntries([...heard.headers].map(([name, value]) => [name, literal(value)]));
  return {
    config: {
      method: heard.method ?? (Object.keys(body).length > 0 ? "POST" : "GET"),
      url,
      ...(query === null ? {} : { query }),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...body,
      ...(heard.timeout === null ? {} : { timeout: heard.timeout }),
    },
    left: [...heard.left],
  };
}
