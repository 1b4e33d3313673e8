/** One function per call of CONTRACT that the editor makes. */
import type { FlowDocument, Json, JsonObject } from "@/document/types";
import type { BackTest } from "./backTests";
import type { Change } from "./changes";
import { call, get, patch, post, put, query, remove } from "./client";
import type * as T from "./types";

/** A line that is cut says nothing: after this time (ms) a draft's call counts as unanswered. */
const PATIENCE = 20_000;

const step = (key: string): string => encodeURIComponent(key);

export const flows = {
  list: ({ q, ...params }: { q?: string; tag?: string; archived?: boolean; cursor?: string } = {}) => get<T.Page<T.Flow>>(`/api/flows/${query({ search: q, ...params })}`),
  tags: () => get<{ results: { tag: string; flows: number }[] }>("/api/flows/tags/"),
  create: (body: { name: string; document?: FlowDocument }) => post<T.Flow>("/api/flows/", body),
  read: (id: string) => get<T.Flow>(`/api/flows/${id}/`),
  change: (id: string, body: { name?: string; active?: boolean; archived?: boolean; tags?: string[] }) => patch<T.Flow>(`/api/flows/${id}/`, body),
  archive: (id: string) => remove(`/api/flows/${id}/`),
  restore: (id: string) => post<T.Flow>(`/api/flows/${id}/restore/`),
  resume: (id: string) => post<T.Flow>(`/api/flows/${id}/resume/`),
  duplicate: (id: string) => post<T.Flow>(`/api/flows/${id}/duplicate/`),
  validate: (document: FlowDocument) => post<{ problems: T.Problem[]; findings: T.Finding[] }>("/api/flows/validate/", { document }),
  publish: (id: string, note: string, release = true) => post<T.Version & { proposal: string | null }>(`/api/flows/${id}/publish/`, { note, release }),
  /** The version a rollback without a version goes to. */
  lastGood: (id: string, environment?: string) => get<{ version: number | null; runs: number; failed: number }>(`/api/flows/${id}/last-good/${query({ environment })}`),
  startCanary: (id: string, body: { version: number; weight?: number; steps?: number[]; guards: JsonObject; environment?: string }) =>
    post<{ release: string }>(`/api/flows/${id}/canary/`, body),
  endCanary: (id: string, environment?: string) => remove(`/api/flows/${id}/canary/${query({ environment })}`),
};

export const drafts = {
  read: (id: string) => call<T.Draft>("GET", `/api/flows/${id}/draft/`, { patience: PATIENCE }),
  save: (id: string, document: FlowDocument, revision: number, keepalive = false) =>
    call<T.Draft>("PUT", `/api/flows/${id}/draft/`, { body: { document, revision }, keepalive, patience: PATIENCE }),
};

export const versions = {
  list: (flow: string, cursor?: string) => get<T.Page<T.Version>>(`/api/flows/${flow}/versions/${query({ cursor })}`),
  read: (flow: string, version: number) => get<T.Version>(`/api/flows/${flow}/versions/${version}/`),
  annotate: (flow: string, version: number, words: { name: string; note: string }) => patch<T.Version>(`/api/flows/${flow}/versions/${version}/`, words),
  /** The draft against the newest runs. */
  backTest: (flow: string, runs: number) => post<BackTest>(`/api/flows/${flow}/backtest/`, { runs }),
  releases: (flow: string, limit = 20, environment?: string) => get<T.Page<T.Release>>(`/api/flows/${flow}/releases/${query({ limit, environment })}`),
  /** Without `to` it is compared with the draft. */
  diff: (flow: string, from: number, to?: number) =>
    get<{ changes: Change[] }>(`/api/flows/${flow}/diff/${query({ from, to })}`),
};

export const runs = {
  list: (params: { q?: string; flow?: string; status?: string | string[]; version?: number | string; code?: string; test?: string; environment?: string; since?: string; until?: string; limit?: number; cursor?: string } = {}) =>
    get<T.RunPage>(`/api/runs/${query(params)}`),
  read: (id: string) => get<T.Run>(`/api/runs/${id}/`),
  start: (flow: string, body: T.StartBody, key: string) =>
    post<T.RunSummary>(`/api/flows/${flow}/runs/`, body, { "Idempotency-Key": key }),
  events: (id: string, after = 0) => get<T.Page<T.RunEvent>>(`/api/runs/${id}/events/${query({ after })}`),
  steps: (id: string, params: { parent?: string; status?: string[]; cursor?: string } = {}) =>
    get<T.Page<T.RunStep>>(`/api/runs/${id}/steps/${query(params)}`),
  step: (id: string, key: string) => get<T.StepDetail>(`/api/runs/${id}/steps/${step(key)}/`),
  cancel: (id: string) => post<T.Run>(`/api/runs/${id}/cancel/`),
  pause: (id: string) => post<T.Run>(`/api/runs/${id}/pause/`),
  resume: (id: string) => post<T.Run>(`/api/runs/${id}/resume/`),
  setBreakpoints: (id: string, breakpoints: Readonly<Record<string, string>>) => put<T.Run>(`/api/runs/${id}/breakpoints/`, { breakpoints }),
  letGo: (id: string, body: { step: string; verdict: "continue" | "over"; input?: Json; output?: Json; port?: string }) => post<T.Run>(`/api/runs/${id}/let-go/`, body),
  rerun: (id: string, body: { version?: number; from_step?: string; input?: Json }) => post<T.RunSummary>(`/api/runs/${id}/rerun/`, body),
};

export const catalogue = {
  nodeTypes: () => get<T.Page<T.NodeType> | T.NodeType[]>("/api/node-types/").then((got) => (Array.isArray(got) ? got : got.results)),
};

export const credentials = {
  list: () => get<T.Page<T.Credential>>("/api/credentials/"),
  tags: () => get<{ results: { tag: string; flows: number }[] }>("/api/flows/tags/"),
  create: (body: { name: string; kind: string; values: Record<string, Json>; hosts?: string[]; rate?: T.Rate | null }) =>
    post<T.Credential>("/api/credentials/", body),
  change: (id: string, body: { name?: string; values?: Record<string, Json>; hosts?: string[]; rate?: T.Rate | null }) =>
    patch<T.Credential>(`/api/credentials/${id}/`, body),
  remove: (id: string) => remove(`/api/credentials/${id}/`),
};

export const workspaces = {
  list: () => get<T.Page<T.Workspace>>("/api/workspaces/"),
};

