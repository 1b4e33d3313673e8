/** The shapes of CONTRACT: what the server answers with. More fields are always welcome; fewer never. */
import type { NodeTypeInfo } from "@/document/catalogue";
import type { FlowDocument, Json, JsonObject } from "@/document/types";
import type { PartBody } from "./part";

/** A JSON Schema as far as forms read it. */
export interface JsonSchema {
  [keyword: string]: unknown;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  format?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

/** One item of `GET /api/node-types/`. */
export interface NodeType extends NodeTypeInfo {
  category: string;
  description: string;
  icon: string;
  schema: JsonSchema;
  verbatim: string[];
  per_item: Record<string, string>;
  output_schema: JsonSchema | null;
  docs: string;
  example: { config: JsonObject; output: Json; port: string; input: JsonObject; vars: JsonObject } | null;
  /** A template of config fields for the second line of the card, such as `{method} {url}`. */
  summary: string;
  labels: Record<string, string>;
}

/** A page of a list; `next` is the address of the page after it. */
export interface Page<T> {
  results: T[];
  next: string | null;
}

/** Runs found by words: numbers and errors of those made before `looked_back_to`, where it is told, were not looked at, nor
 * a key that very many share of those made before `keys_looked_back_to`. */
export interface RunPage extends Page<RunSummary> {
  looked_back_to?: string | null;
  keys_looked_back_to?: string | null;
}

export interface Problem {
  code: string;
  node: string | null;
  path: string | null;
  message: string;
  hint: string | null;
}

/** What a crash, a silence or a failure would do at this place; it keeps nothing from being published. */
export type Finding = Problem & { severity: "warning" };

export interface Canary {
  version: number;
  weight: number;
  guards: JsonObject;
  /** The shares it goes through by itself; none where a person changes it. */
  steps?: number[];
  since?: string | null;
  figures?: JsonObject;
}

/** Why a flow's triggers stand still: its last `failed` runs failed, `run` is the newest of them. */
export interface Suspension {
  at: string;
  failed: number;
  since: string;
  run: string;
  version: number;
  code: string;
  message: string;
}

/** The newest run of a flow, as the flow itself tells it. */
export type LastRun = Pick<RunSummary, "id" | "status" | "number" | "created_at">;

export interface Flow {
  id: string;
  name: string;
  live_version: number | null;
  canary: Canary | null;
  last_run?: LastRun | null;
  draft: { revision: number };
  active: boolean;
  tags?: string[];
  suspended?: Suspension | null;
  archived_at?: string | null;
  created_at?: string;
  updated_at?: string;
}

export interface Draft {
  document: FlowDocument;
  revision: number;
  problems?: Problem[] | null;
  findings?: Finding[] | null;
}

export interface Version {
  version: number;
  hash: string;
  name: string;
  note: string;
  published_at: string;
  /** Since when its document is gone by a policy; null where it is there. */
  pruned_at?: string | null;
  author?: string | null;
  document?: FlowDocument;
}

/** A change of which version answers new starts; the newest is what holds now. */
export interface Release {
  release: string;
  kind: "publish" | "promote" | "rollback" | "canary" | "end_canary" | "guard" | "take_out";
  environment: string;
  live_version: number;
  previous_version: number | null;
  reason: string;
  author: string | null;
  created_at: string;
  /** What made a guard act. */
  evidence?: { guard?: string; version?: number; runs?: string[] };
}

export type RunStatus = "queued" | "running" | "waiting" | "paused" | "compensating" | "succeeded" | "failed" | "cancelled";

export type StepStatus =
  | "pending"
  | "running"
  | "retrying"
  | "waiting"
  | "succeeded"
  | "failed"
  | "skipped"
  | "cancelled"
  | "uncertain"
  | "compensated";

export interface RunError {
  code: string;
  class: string;
  message: string;
  node?: string | null;
  step?: string | null;
  hint?: string | null;
}

/** What a waiting step waits for: a signal by name, a child run or an approval by id. */
export interface WaitsOn {
  on: "signal" | "child" | "approval" | "lock" | "breakpoint";
  ref: string;
}

export interface RunStep {
  key: string;
  node: string;
  status: StepStatus;
  attempt: number;
  started_at: string | null;
  finished_at: string | null;
  error: RunError | null;
  /** The port it left by. */
  port?: string | null;
  /** How many items it goes through, and how many of them (or of its turns) have ended. */
  items?: number | null;
  done?: number | null;
  /** Of a lock that was granted: its fencing token. */
  token?: number | null;
  due?: string | null;
  waits_on?: WaitsOn | null;
}

export interface RunSummary {
  id: string;
  flow: string;
  version: number | null;
  status: RunStatus;
  input?: Json;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  number?: number;
  attempt?: number;
  flow_name?: string;
  trigger?: string | null;
  is_test?: boolean;
  error?: RunError | null;
  rerun_of?: string | null;
  started_by?: string;
  environment?: string | null;
}

/** A run that called this one, or that a step of this one called; `step` is the step of the caller. */
export interface Relative {
  run: string;
  flow: string;
  flow_name: string;
  number: number;
  status: RunStatus;
  step: string;
}

export interface Run extends RunSummary {
  input: Json;
  output: Json;
  error: RunError | null;
  started_at: string | null;
  finished_at: string | null;
  /** From 1, while it stands in line behind the flow's limit. */
  queue_position?: number | null;
  queue_limit?: number | null;
  /** Whether its end was asked for: what is under way may yet come to its own. */
  is_cancelling?: boolean;
  /** Whether it went by other versions before. */
  moved?: boolean;
  steps: RunStep[];
  parent?: Relative | null;
}

export interface StepAttempt {
  attempt: number;
  status: StepStatus;
  started_at: string | null;
  finished_at: string | null;
  error: RunError | null;
}

export interface StepLog {
  at: string;
  level: string;
  message: string;
  fields?: JsonObject;
}

export interface StepDetail extends RunStep {
  input: Json;
  output: Json;
  attempts: StepAttempt[];
  logs: StepLog[];
  /** The runs it called, newest first. */
  children?: Relative[];
}

/** One event of a run's journal as it is told outside. */
export interface RunEvent {
  seq: number;
  kind: string;
  step: string | null;
  at: string;
  data: JsonObject;
}

export interface Rate {
  limit: number;
  per: string;
}

export interface Credential {
  id: string;
  name: string;
  kind: string;
  hosts?: string[];
  /** How often what it opens may be asked; null: as often as anyone likes. */
  rate?: Rate | null;
  created_at?: string;
  updated_at?: string;
  last_used_at?: string | null;
}

export interface Workspace {
  id: string;
  name: string;
  slug?: string;
  role?: "viewer" | "operator" | "editor" | "admin";
}

export interface StartBody extends PartBody {
  input?: Json;
  version?: number;
  trigger?: string;
  environment?: string;
  draft?: boolean;
  use_pins?: boolean;
  breakpoints?: Readonly<Record<string, string>>;
}
