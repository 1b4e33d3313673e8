/** What operators look after: circuit breakers and dead letters. */
import { get, post, query } from "./client";
import type { Page, RunSummary } from "./types";

export interface Breaker {
  id: string;
  target: string;
  state: "closed" | "open" | "half_open";
  failures: number;
  trips: number;
  until: string | null;
  last_error: string;
  changed_at: string;
}

export interface Retried {
  retried: { run: string; rerun: string }[];
  refused: { run: string; code: string; message: string }[];
}

export const breakers = {
  list: () => get<Page<Breaker>>("/api/breakers/"),
  reset: (id: string) => post<Breaker>(`/api/breakers/${id}/reset/`),
};

/** A place at a lock: inside with a token, or in line. */
export interface LockPlace {
  id: string;
  name: string;
  limit: number;
  run: string;
  number: number;
  flow: string;
  flow_name: string;
  step: string;
  token: number | null;
  line: number | null;
  asked_at: string;
  due_at: string | null;
  granted_at: string | null;
  released_at: string | null;
  released_by: string;
}

export const locks = {
  list: (asked: { name?: string; run?: string } = {}) => get<Page<LockPlace>>(`/api/locks/${query({ ...asked, limit: 200 })}`),
  release: (id: string) => post<LockPlace>(`/api/locks/${id}/release/`),
};

export const letters = {
  list: (cursor?: string) => get<Page<RunSummary>>(`/api/dead-letters/${query({ cursor })}`),
  retry: (runs: string[]) => post<Retried>("/api/dead-letters/retry/", { runs }),
  dismiss: (runs: string[]) => post<{ dismissed: number }>("/api/dead-letters/dismiss/", { runs }),
};

/** Which items of a step are to run again: by their places, or all that failed. */
export type ItemsAsked = number[] | "failed";

/** Items that a step collected the failures of and went on without: `failed` of `count`, the first at `place`. */
export interface FailedItems {
  id: string;
  run: string;
  number: number;
  flow: string;
  flow_name: string;
  step: string;
  failed: number;
  count: number;
  place: number;
  code: string;
  message: string;
  created_at: string;
}

export const deadItems = {
  list: (cursor?: string) => get<Page<FailedItems>>(`/api/dead-items/${query({ cursor })}`),
  retry: (ids: string[]) => post<{ retried: { letter: string; rerun: string }[]; refused: { letter: string; code: string; message: string }[] }>("/api/dead-items/retry/", { letters: ids }),
  dismiss: (ids: string[]) => post<{ dismissed: number }>("/api/dead-items/dismiss/", { letters: ids }),
};

export const operationKeys = { deadItems: ["dead-items"] as const, breakers: ["breakers"] as const, locks: ["locks"] as const, letters: ["dead-letters"] as const };
