/** What is asked of a run's past: the journal without its values, a moment, the items of a step, the runs beside it. */
import { get, query } from "./client";
import type { Page, RunError, RunEvent, RunStatus, RunStep, RunSummary, StepDetail } from "./types";

/** A run after one of its events: its steps at the top and those under way; of the rest how many ended, and how. */
export interface Moment {
  seq: number;
  at: string;
  status: RunStatus;
  is_cancelling?: boolean;
  started_at: string | null;
  finished_at: string | null;
  error: RunError | null;
  steps: RunStep[];
  /** Node -> status -> how many steps of it inside others had ended. */
  ended: Record<string, Record<string, number>>;
}

/** How each item of a step stands, a letter each: see `ItemsShape` of the API. */
export interface Items {
  seq: number;
  total: number;
  states: string;
  /** The nodes that each item goes through; none where the step itself is repeated. */
  inside: string[];
}

export interface Neighbours {
  previous: RunSummary | null;
  next: RunSummary | null;
}

/** A step of two runs; `differs` names what isn't the same, `there` where one lacks it. */
export interface StepPair {
  key: string;
  left: RunStep | null;
  right: RunStep | null;
  differs: string[];
}

/** A run's move from one version of its flow to another. */
export interface Move {
  at: string;
  was_version: number;
  version: number;
}

export interface RunPair {
  left: RunSummary;
  right: RunSummary;
  left_moves: Move[];
  right_moves: Move[];
  is_same_document: boolean;
  differs: string[];
  steps: StepPair[];
}

const stepPath = (run: string, key: string): string => `/api/runs/${run}/steps/${encodeURIComponent(key)}/`;

export const past = {
  /** Events without the values they carry. */
  brief: (run: string, after: number, limit: number) => get<Page<RunEvent>>(`/api/runs/${run}/events/${query({ after, limit, brief: true })}`),
  events: (run: string, after: number, limit: number) => get<Page<RunEvent>>(`/api/runs/${run}/events/${query({ after, limit })}`),
  moment: (run: string, seq: number) => get<Moment>(`/api/runs/${run}/moments/${seq}/`),
  /** A step as it stood after the event `at`. */
  step: (run: string, key: string, at: number) => get<StepDetail>(`${stepPath(run, key)}${query({ at })}`),
  items: (run: string, key: string, at: number | null) => get<Items>(`${stepPath(run, key)}items/${query(at === null ? {} : { at })}`),
  inside: (run: string, parent: string) => get<Page<RunStep>>(`/api/runs/${run}/steps/${query({ parent, limit: 200 })}`),
  compare: (left: string, right: string) => get<RunPair>(`/api/runs/${left}/compare/${right}/`),
  neighbours: (run: string) => get<Neighbours>(`/api/runs/${run}/neighbours/`),
};
