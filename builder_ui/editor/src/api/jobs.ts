/** One thing done to many runs, the filters of lists that are kept, and the counts of the runs list. */
import { get, post, query, remove } from "./client";
import type { Page, RunStatus } from "./types";

export type JobAction = "retry" | "cancel" | "pause" | "resume" | "move" | "delete";

/** What the runs page asks for, in the words of its address. */
export interface RunFilter {
  q?: string;
  flow?: string;
  status?: string;
  version?: string;
  code?: string;
  test?: string;
  environment?: string;
  since?: string;
  until?: string;
}

export interface Job {
  id: string;
  action: string;
  status: string;
  filter: Record<string, unknown>;
  by: string;
  total: number;
  done: number;
  refused: number;
  stopped_by: string;
  created_at: string;
  finished_at: string | null;
}

export interface JobResult {
  run: string;
  number: number;
  outcome: string;
  message: string;
  made: string | null;
}

export interface Counts {
  statuses: Partial<Record<RunStatus, number>>;
  codes: { code: string; count: number }[];
  is_all: boolean;
}

export interface KeptFilter {
  id: string;
  name: string;
  filter: Record<string, string>;
  shared: boolean;
  mine: boolean;
  by: string;
}

export interface JobOrder {
  action: JobAction;
  filter?: object;
  runs?: string[];
  reason?: string;
  compensate?: boolean;
  from?: "failed" | "start";
  /** The version that a move goes to. */
  to?: number;
}

/** The filter as a body takes it: numbers and truths as such. */
export const asBody = ({ version, test, ...rest }: RunFilter): object => ({
  ...rest,
  ...(version ? { version: Number(version) } : {}),
  ...(test ? { test: test === "true" } : {}),
});

export const jobs = {
  list: (cursor?: string) => get<Page<Job>>(`/api/jobs/${query({ cursor })}`),
  read: (id: string) => get<Job>(`/api/jobs/${id}/`),
  count: (order: JobOrder) => post<{ count: number; limit: number; until: string }>("/api/jobs/count/", order),
  make: (order: JobOrder) => post<Job>("/api/jobs/", order),
  stop: (id: string) => post<Job>(`/api/jobs/${id}/stop/`),
  results: (id: string, outcome: string, cursor?: string) => get<Page<JobResult>>(`/api/jobs/${id}/results/${query({ outcome, cursor, limit: 100 })}`),
};

/** The lists whose filters are kept. */
export type Filtered = "runs" | "flows";

export const filters = {
  list: (of: Filtered) => get<{ results: KeptFilter[] }>(`/api/${of}/filters/`),
  keep: (of: Filtered, name: string, filter: Record<string, string>, shared: boolean) => post<KeptFilter>(`/api/${of}/filters/`, { name, filter, shared }),
  remove: (of: Filtered, id: string) => remove(`/api/${of}/filters/${id}/`),
};

export const counts = (filter: RunFilter) => get<Counts>(`/api/runs/counts/${query({ ...filter })}`);

export const jobKeys = {
  list: ["jobs"] as const,
  one: (id: string) => ["jobs", id] as const,
  results: (id: string, outcome: string) => ["jobs", id, "results", outcome] as const,
  filters: (of: Filtered) => ["filters", of] as const,
  counts: (asked: object) => ["run-counts", asked] as const,
};
