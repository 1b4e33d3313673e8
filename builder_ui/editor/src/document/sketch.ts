/**
 * A description in words as a first sketch of a flow, by rules and without asking anyone.
 *
 * It decides which words stand for which steps, in English and in Korean; what it can't read it names, so that nothing
 * is taken for understood. It refuses to guess more than a person would see at once.
 */
import { freeId } from "./ids";
import type { Fragment } from "./operation";
import { CARD, GAP } from "./places";
import type { DocumentEdge, DocumentNode, JsonObject } from "./types";

export interface Sketch {
  fragment: Fragment;
  /** The parts of the description that no rule reads. */
  unread: string[];
}

/** What a rule makes of a clause; `before` is the expression of what the step before gave. */
interface Step {
  type: string;
  config: JsonObject;
}

const step = (type: string, config: JsonObject): Step => ({ type, config });

type Rule = (clause: string, before: string) => Step | null;

const UNITS: [RegExp, string][] = [
  [/^(s|sec|second|초)/i, "s"],
  [/^(min|m$|분)/i, "m"],
  [/^(h|hour|시간)/i, "h"],
  [/^(d|day|일)/i, "d"],
];
const WEEKDAYS: [RegExp, string][] = [
  [/weekday|work(ing)? ?day|평일/i, "1-5"],
  [/monday|월요일/i, "1"],
  [/tuesday|화요일/i, "2"],
  [/wednesday|수요일/i, "3"],
  [/thursday|목요일/i, "4"],
  [/friday|금요일/i, "5"],
  [/saturday|토요일/i, "6"],
  [/sunday|일요일/i, "0"],
];
const URL_IN = /https?:\/\/[^\s'"<>]+[^\s'"<>.,;)]/i;

function durationIn(clause: string): string | null {
  const found = /(\d+)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|초|분|시간|일)(?![a-z])/i.exec(clause);
  const unit = UNITS.find(([form]) => form.test(found?.[2] ?? ""))?.[1];
  return found === null || unit === undefined ? null : `${found[1] ?? ""}${unit}`;
}

function clockIn(clause: string): { hour: number; minute: number } {
  const found = /(?:\bat\s+|(오전|오후)\s*)?(\d{1,2})(?::(\d{2})|\s*시\s*(?:(\d{1,2})\s*분)?|\s*(am|pm)\b)/i.exec(clause) ?? /\bat\s+()(\d{1,2})\b/i.exec(clause);
  if (found === null) return { hour: 9, minute: 0 };
  const isLate = found[1] === "오후" || found[5]?.toLowerCase() === "pm";
  const isEarly = found[1] === "오전" || found[5]?.toLowerCase() === "am";
  const given = Number(found[2]);
  const hour = isLate && given < 12 ? given + 12 : isEarly && given === 12 ? 0 : given;
  return { hour: Math.min(23, hour), minute: Math.min(59, Number(found[3] ?? found[4] ?? 0)) };
}

const schedule: Rule = (clause) => {
  const weekday = WEEKDAYS.find(([form]) => form.test(clause))?.[1];
  const isDaily = /\bevery (day|morning|evening|night)\b|\b(daily|each day)\b|매일|매 일/i.test(clause);
  const recurs = /\b(every|each)\b|매주|마다/i.test(clause);
  if (isDaily || (weekday !== undefined && (recurs || /평일/.test(clause)))) {
    const { hour, minute } = clockIn(clause);
    return step("trigger.schedule", { cron: `${minute} ${hour} * * ${weekday ?? "*"}` });
  }
  if (/\b(hourly|every hour)\b|매시간/i.test(clause)) return step("trigger.schedule", { every: "1h" });
  const every = recurs ? durationIn(clause) : null;
  return every === null ? null : step("trigger.schedule", { every });
};

const webhook: Rule = (clause) =>
  /\bwebhook\b|\bwhen\b.*\b(arrives|comes in|is received|is sent)\b|웹훅|(요청|주문|이벤트)이? ?(오면|들어오면|도착하면)/i.test(clause)
    ? { type: "trigger.webhook", config: { path: "incoming" } }
    : null;

const request: Rule = (clause, before) => {
  const url = URL_IN.exec(clause)?.[0];
  if (url === undefined) return null;
  const sends = /\b(post|send|submit|put|report)\b|보내|전송|등록/i.test(clause);
  return step("http.request", sends ? { method: "POST", url, json: before } : { method: "GET", url });
};

const wait: Rule = (clause) => {
  const time = /\b(wait|pause|sleep)\b|기다|대기/i.test(clause) ? durationIn(clause) : null;
  return time === null ? null : { type: "flow.wait", config: { for: time } };
};

const approval: Rule = (clause) =>
  /\bapprov|\bsign[- ]?off\b|\bask (a|an|the) \w+|승인|결재/i.test(clause) ? { type: "flow.approval", config: { title: titled(clause), assignees: { roles: ["admin"] }, timeout: "2d" } } : null;

const SIGNS: [RegExp, string][] = [
  [/\b(more than|greater than|over|above)\b|초과|보다 (큰|많은)/i, ">"],
  [/\b(less than|under|below)\b|미만|보다 (작은|적은)/i, "<"],
  [/\b(at least)\b|이상/i, ">="],
  [/\b(at most)\b|이하/i, "<="],
  [/\b(is not|isn't)\b/i, "!="],
  [/\b(is|equals?)\b/i, "=="],
];

/** `total > 100`, `status is paid`, `amount over 50`, `total이 100 이상`: a comparison of a field of `of`. */
function comparison(clause: string, of: string): string | null {
  const written = /([a-z_][\w.]*)\s*(>=|<=|==|!=|>|<|=)\s*("[^"]*"|'[^']*'|[\w.-]+)/i.exec(clause);
  if (written !== null) return `${of}.${written[1] ?? ""} ${written[2] === "=" ? "==" : (written[2] ?? "")} ${literal(written[3] ?? "")}`;
  const korean = /([a-z_][\w.]*)[이가은는]?\s*(\d+(?:\.\d+)?)\S*\s*(이상|이하|초과|미만|보다 (?:큰|많은|작은|적은))/i.exec(clause);
  const sign = SIGNS.find(([form]) => form.test(korean?.[3] ?? ""))?.[1];
  if (korean !== null && sign !== undefined) return `${of}.${korean[1] ?? ""} ${sign} ${korean[2] ?? ""}`;
  for (const [form, word] of SIGNS) {
    const found = new RegExp(`([a-z_]\\w*)\\s+(?:is\\s+)?(?:${form.source})\\s+("[^"]*"|'[^']*'|[\\w.-]+)`, "i").exec(clause);
    if (found !== null) return `${of}.${found[1] ?? ""} ${word} ${literal(found.at(-1) ?? "")}`;
  }
  return null;
}

const literal = (text: string): string => (/^-?\d+(\.\d+)?$/.test(text) ? text : /^["']/.test(text) ? text : `'${text}'`);

const bare = (expression: string): string => expression.replace(/^\{\{ | \}\}$/g, "");

const filter: Rule = (clause, before) =>
  /\b(keep|only|filter|drop)\b|필터|걸러|거르|만 (남기|남겨|골라|추려)/i.test(clause)
    ? { type: "data.filter", config: { items: before, condition: `{{ ${comparison(clause, "item") ?? "item"} }}` } }
    : null;

const sum: Rule = (clause, before) => {
  if (!/\b(sum|total|add up|count|average|aggregate|group)\b|합계|합산|집계|평균|개수/i.test(clause)) return null;
  const op = /\bcount\b|개수/i.test(clause) ? "count" : /\baverage\b|평균/i.test(clause) ? "mean" : "sum";
  const field = /\b(?:sum|average|total|add up)\s+(?:of\s+|up\s+)?(?:the\s+|their\s+)?([a-z_]\w*)/i.exec(clause)?.[1] ?? /([a-z_]\w*)[을를]?\s*(?:합|평균)/i.exec(clause)?.[1];
  const named = field !== undefined && !/^(by|per|it|them|all)$/i.test(field) ? field : "amount";
  const by = /\b(?:by|per)\s+([a-z_]\w*)/i.exec(clause)?.[1] ?? /([a-z_]\w*)별/i.exec(clause)?.[1];
  return { type: "data.aggregate", config: { items: before, ...(by === undefined ? {} : { by: [by] }), fields: op === "count" ? { count: { op } } : { [named]: { op, field: named } } } };
};

const condition: Rule = (clause, before) => {
  if (!/^if\b|\bwhether\b|이면|라면|만약|경우/i.test(clause)) return null;
  return { type: "flow.if", config: { condition: `{{ ${comparison(clause, bare(before)) ?? bare(before)} }}` } };
};

const query: Rule = (clause) => (/\b(sql|postgres(ql)?|database|db)\b|데이터베이스|쿼리/i.test(clause) ? { type: "database.postgres", config: { sql: "select 1", mode: "read" } } : null);

const code: Rule = (clause, before) =>
  /\b(python|script|code|calculate|compute)\b|파이썬|스크립트|계산/i.test(clause) ? { type: "code.python", config: { input: before, code: "def run(input):\n    return input\n" } } : null;

const log: Rule = (clause, before) => (/\b(log|print|note|record|write down|report)\b|기록|로그|남기|남겨/i.test(clause) ? { type: "log", config: { message: before } } : null);

const fields: Rule = (clause, before) => (/\b(set|rename|map|build|prepare)\b|필드|정리|만들/i.test(clause) ? { type: "data.set", config: { fields: { value: before } } } : null);

const RULES: readonly Rule[] = [schedule, webhook, wait, approval, request, condition, filter, sum, query, code, log, fields];

/** The clauses of a description, in order. Addresses are never cut. */
function clausesOf(text: string): string[] {
  return text
    .split(/[\n;]+|,(?=\s)|[.](?=\s|$)|\band then\b|\bthen\b|\bafter that\b|그리고|그런 다음|그 다음|다음에?는?\s|(?<=[가-힣]고)\s|(?<=하여)\s|(?<=해서)\s/i)
    .map((clause) => clause.replace(/^\s*(and|or|please|또)\s+/i, "").trim())
    .filter((clause) => clause !== "");
}

const titled = (clause: string): string => clause.charAt(0).toUpperCase() + clause.slice(1, 120);

/** What a step is called: its clause where that is short and says no address. */
const labelOf = (clause: string): { label?: string } => (clause.length <= 34 && !URL_IN.test(clause) ? { label: titled(clause) } : {});

/** What the steps after it read of a step: what an HTTP answer carries is its body. */
const outputOf = (node: DocumentNode, known: string): string =>
  node.type.startsWith("trigger.") ? "{{ input }}" : node.type === "http.request" ? `{{ nodes.${node.id}.body }}` : /^(flow\.|log$)/.test(node.type) ? known : `{{ nodes.${node.id} }}`;

const SAYS_WORD = /[\p{L}\p{N}]{2,}/u;

/** Which port leads on. */
const portAfter = (type: string): { port?: string } => (type === "flow.if" ? { port: "true" } : type === "flow.approval" ? { port: "approved" } : {});

/** The sketch of a description; null where not one step was read. `has` says which node types are installed. */
export function sketchOf(text: string, has: (type: string) => boolean): Sketch | null {
  const unread: string[] = [];
  const nodes: DocumentNode[] = [];
  const edges: DocumentEdge[] = [];
  const taken = new Set<string>();
  let before = "{{ input }}";
  const add = (made: Step, named: { label?: string }): void => {
    const id = freeId(made.type.slice(made.type.lastIndexOf(".") + 1), taken);
    taken.add(id);
    const last = nodes.at(-1);
    const node: DocumentNode = { id, type: made.type, ...named, position: { x: nodes.length * (CARD.width + GAP.x), y: 0 }, config: made.config };
    nodes.push(node);
    if (last !== undefined) edges.push({ from: last.id, to: id, ...portAfter(last.type) });
    before = outputOf(node, before);
  };
  for (const clause of clausesOf(text)) {
    const read = stepsOf(clause, before, (type) => has(type) && (nodes.length === 0 || !isTrigger(type)));
    if (read.length === 0 && SAYS_WORD.test(clause)) unread.push(clause);
    for (const made of read) {
      if (nodes.length === 0 && !isTrigger(made.type)) add(step("trigger.manual", {}), {});
      add(made, read.length > 1 ? {} : labelOf(clause));
    }
  }
  return nodes.length === 0 ? null : { fragment: { nodes, edges, notes: [], pins: {} }, unread };
}

const isTrigger = (type: string): boolean => type.startsWith("trigger.");

/** What a clause says: one step, or when it begins and the address it then asks: `every day at 9 fetch https://…`. */
function stepsOf(clause: string, before: string, fits: (type: string) => boolean): Step[] {
  for (const rule of RULES) {
    const made = rule(clause, before);
    if (made === null || !fits(made.type)) continue;
    const asked = isTrigger(made.type) ? request(clause, before) : null;
    return asked !== null && fits(asked.type) ? [made, asked] : [made];
  }
  return [];
}
