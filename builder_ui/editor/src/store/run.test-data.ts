/** A run as the server tells it, of which a test says only what it is about. */
import type { Run, RunStep } from "@/api/types";

/** Steps of the top level that have not begun. */
export const pending = (...keys: string[]): RunStep[] =>
  keys.map((key) => ({ key, node: key, status: "pending", attempt: 0, started_at: null, finished_at: null, error: null }));

export const runOf = (over: Partial<Run>): Run => ({
  id: "r",
  flow: "f",
  version: 1,
  status: "running",
  input: {},
  output: null,
  error: null,
  created_at: "2026-01-01T00:00:00Z",
  started_at: null,
  finished_at: null,
  steps: [],
  ...over,
});
