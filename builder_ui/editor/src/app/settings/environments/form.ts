/** What is typed about an environment, until it is kept: what of it is wrong, and what of it changes something. */
import type { Environment, EnvironmentChange, Releasers } from "@/api/environments";
import type { Json } from "@/document/types";

/** A variable as it is typed; its value is JSON, or will be. */
export interface TypedVariable {
  name: string;
  value: string;
}

export interface TypedBinding {
  name: string;
  credential: string | null;
}

export interface Typed {
  vars: readonly TypedVariable[];
  credentials: readonly TypedBinding[];
  releasers: Releasers;
  needsSecond: boolean;
}

export type Fault = "noName" | "twice" | "notJson" | "noCredential";

export const typedOf = (environment: Environment): Typed => ({
  vars: Object.entries(environment.vars).map(([name, value]) => ({ name, value: JSON.stringify(value) })),
  credentials: Object.entries(environment.credentials).map(([name, credential]) => ({ name, credential })),
  releasers: environment.releasers,
  needsSecond: environment.needs_second,
});

function faultOfName(rows: readonly { name: string }[], at: number): Fault | null {
  const name = rows[at]?.name.trim() ?? "";
  if (name === "") return "noName";
  return rows.slice(0, at).some((each) => each.name.trim() === name) ? "twice" : null;
}

const isBlankVariable = ({ name, value }: TypedVariable): boolean => name.trim() === "" && value.trim() === "";
const isBlankBinding = ({ name, credential }: TypedBinding): boolean => name.trim() === "" && credential === null;

/** What is wrong with a row; one in which nothing stands yet is as good as none. */
export function faultOfVariable(rows: readonly TypedVariable[], at: number): Fault | null {
  const row = rows[at];
  if (row === undefined || isBlankVariable(row)) return null;
  const fault = faultOfName(rows, at);
  if (fault !== null) return fault;
  return parsed(row.value) === undefined ? "notJson" : null;
}

export function faultOfBinding(rows: readonly TypedBinding[], at: number): Fault | null {
  const row = rows[at];
  if (row === undefined || isBlankBinding(row)) return null;
  const fault = faultOfName(rows, at);
  if (fault !== null) return fault;
  return row.credential === null ? "noCredential" : null;
}

export const isFaulty = ({ vars, credentials }: Typed): boolean =>
  vars.some((_, at) => faultOfVariable(vars, at) !== null) || credentials.some((_, at) => faultOfBinding(credentials, at) !== null);

/** What is to be told to the server: only what differs; null where nothing does. What is typed must be without fault. */
export function changeOf(environment: Environment, typed: Typed): EnvironmentChange | null {
  const vars = Object.fromEntries(typed.vars.filter((each) => !isBlankVariable(each)).map(({ name, value }) => [name.trim(), parsed(value) ?? null]));
  const credentials = Object.fromEntries(typed.credentials.filter((each) => !isBlankBinding(each)).map(({ name, credential }) => [name.trim(), credential ?? ""]));
  const change: EnvironmentChange = {
    ...(isSame(vars, environment.vars) ? {} : { vars }),
    ...(isSame(credentials, environment.credentials) ? {} : { credentials }),
    ...(isSame(typed.releasers, environment.releasers) ? {} : { releasers: typed.releasers }),
    ...(typed.needsSecond === environment.needs_second ? {} : { needs_second: typed.needsSecond }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

/** The places to be told when an environment goes one step up or down, for those of which it changes; in the order of the list. */
export function placesAfter(list: readonly Environment[], name: string, by: -1 | 1): { name: string; place: number }[] {
  const order = list.map((each) => each.name);
  const at = order.indexOf(name);
  const other = order[at + by];
  if (at < 0 || other === undefined) return [];
  order[at + by] = name;
  order[at] = other;
  const before = new Map(list.map((each) => [each.name, each.place]));
  return order.map((each, place) => ({ name: each, place: place + 1 })).filter((each) => before.get(each.name) !== each.place);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const isSame = (one: object, other: object): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
const sorted = (value: object): [string, unknown][] => Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
