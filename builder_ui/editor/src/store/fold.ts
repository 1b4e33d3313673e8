/** A run as its events tell it: a pure fold, so that any moment of a run can be drawn again. */
import type { Json } from "@/document/types";
import type { Moment } from "@/api/past";
import type { Relative, Run, RunError, RunEvent, RunStatus, RunStep, StepStatus, WaitsOn } from "@/api/types";

export interface StepState {
  key: string;
  node: string;
  status: StepStatus;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  error: RunError | null;
  port: string | null;
  /** When a waiting or retrying step goes on. */
  due: string | null;
  /** For `each` and containers: how many items or turns there are. */
  total: number | null;
  /** What a waiting step waits for, where that isn't a time. */
  waitsOn: WaitsOn | null;
  /** How many of them had ended when the run was read; what ended since stands in its events. */
  done: number;
  /** The seq of the last event about it. */
  seq: number;
}

export interface RunView {
  id: string;
  flow: string;
  version: number | null;
  /** Whether it went by other versions before. */
  moved?: boolean;
  number: number | null;
  status: RunStatus;
  /** Whether its end was asked for: what is still under way may come to its own end first. */
  isCancelling?: boolean;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  input: Json;
  output: Json;
  error: RunError | null;
  seq: number;
  /** The run whose step called this one. */
  parent: Relative | null;
  steps: ReadonlyMap<string, StepState>;
  /** Of steps inside others that had ended before the run was read and aren't among `steps`: how many, by node and status. */
  ended?: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** The node a step belongs to: the last part of its key, without an index. */
export const nodeOfKey = (key: string): string => key.slice(key.lastIndexOf("/") + 1).replace(/\[.*$/, "");

export const stateOf = (step: RunStep, seq: number): StepState => ({
  key: step.key,
  node: step.node,
  status: step.status,
  attempt: step.attempt,
  startedAt: step.started_at,
  finishedAt: step.finished_at,
  error: step.error,
  port: step.port ?? null,
  due: step.due ?? null,
  waitsOn: step.waits_on ?? null,
  total: step.items ?? null,
  done: step.done ?? 0,
  seq,
});

export function viewOf(run: Run, seq: number): RunView {
  const steps = run.steps.map((step): [string, StepState] => [step.key, stateOf(step, seq)]);
  return {
    id: run.id,
    flow: run.flow,
    parent: run.parent ?? null,
    version: run.version,
    moved: run.moved ?? false,
    number: run.number ?? null,
    status: run.status,
    isCancelling: run.is_cancelling ?? false,
    createdAt: run.created_at,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    input: run.input,
    output: run.output,
    error: run.error,
    seq,
    steps: new Map(steps),
  };
}

/** The run as it stood before its first event: the steps of the top level are there and pending. */
export const beginning = (view: RunView): RunView => ({
  ...view,
  status: "queued",
  isCancelling: false,
  startedAt: null,
  finishedAt: null,
  output: null,
  error: null,
  seq: 0,
  steps: new Map([...view.steps.keys()].filter(isTopLevel).map((key) => [key, blank(key)])),
  ended: NONE_ENDED,
});

const NONE_ENDED: RunView["ended"] = new Map();

/** A run at a moment that the server told of. */
export function viewOfMoment(run: RunView, moment: Moment): RunView {
  const start = beginning(run);
  const isEnd = isOver(moment.status);
  return rested({
    ...start,
    status: moment.status,
    isCancelling: moment.is_cancelling ?? false,
    startedAt: moment.started_at,
    finishedAt: moment.finished_at,
    error: moment.error,
    output: isEnd ? run.output : null,
    seq: moment.seq,
    steps: new Map([...start.steps, ...moment.steps.map((step): [string, StepState] => [step.key, stateOf(step, moment.seq)])]),
    ended: new Map(Object.entries(moment.ended)),
  });
}

/** A run under way is running or, where nothing in it moves, waiting. */
const rested = (run: RunView): RunView =>
  run.status === "running" || run.status === "waiting" ? { ...run, status: isResting(run.steps) ? "waiting" : "running" } : run;

const isTopLevel = (key: string): boolean => !key.includes("/") && !key.endsWith("]");

const RUN_STATUS: Record<string, RunStatus> = {
  run_started: "running",
  run_succeeded: "succeeded",
  run_failed: "failed",
  run_cancelled: "cancelled",
  run_paused: "paused",
  run_resumed: "running",
  compensation_started: "compensating",
};

const STEP_STATUS: Record<string, StepStatus> = {
  step_started: "running",
  step_succeeded: "succeeded",
  step_failed: "failed",
  step_retrying: "retrying",
  attempt_lost: "pending",
  step_uncertain: "uncertain",
  step_skipped: "skipped",
  step_cancelled: "cancelled",
  step_compensated: "compensated",
  timer_set: "waiting",
  step_waiting: "waiting",
  step_held: "waiting",
  breakpoint_passed: "pending",
  lock_granted: "running",
  items_listed: "running",
  turn_decided: "running",
};

/** What a person decides about a step. */
const DECIDED = new Set(["step_resolved", "step_let_go"]);
/** A look at a breakpoint is no try: the step stands where it stood. */
const LOOKS = new Set(["step_held", "breakpoint_passed"]);

const ENDS = new Set<StepStatus>(["succeeded", "failed", "skipped", "cancelled", "compensated"]);
export const hasEnded = (status: StepStatus): boolean => ENDS.has(status);
export const isOver = (status: RunStatus): boolean => ["succeeded", "failed", "cancelled"].includes(status);

/** The run after these events. Those it already knows of are passed over. */
export function folded(view: RunView, events: readonly RunEvent[]): RunView {
  const fresh = events.filter((event) => event.seq > view.seq);
  if (fresh.length === 0) return view;
  const steps = new Map(view.steps);
  let next: RunView = { ...view, steps };
  for (const event of fresh) {
    next = { ...next, ...runChange(next, event), seq: event.seq };
    const key = event.kind === "run_started" ? textOf(event.data.trigger) : event.step;
    if (key !== null) steps.set(key, stepAfter(steps.get(key), key, event));
    if (event.kind === "run_started") takeGiven(steps, event);
  }
  return rested(next);
}

const RESTS = new Set<StepStatus>(["waiting", "retrying", "uncertain"]);

/** Whether nothing is under way and something waits. A step around others is under way only as far as those are. */
function isResting(steps: ReadonlyMap<string, StepState>): boolean {
  const open = [...steps.values()].filter(({ status }) => status === "running" || RESTS.has(status));
  const around = new Set(open.map(({ key }) => key.slice(0, Math.max(key.lastIndexOf("/"), key.lastIndexOf("["), 0))));
  return open.some(({ status }) => RESTS.has(status)) && !open.some(({ key, status, total }) => status === "running" && total === null && !around.has(key));
}

function runChange(view: RunView, event: RunEvent): Partial<RunView> {
  if (event.kind === "cancel_requested") return { isCancelling: true };
  if (event.kind === "run_moved") return { version: numberOf(event.data.version) ?? view.version, moved: true };
  const status = RUN_STATUS[event.kind];
  if (status === undefined) return {};
  if (status === "running") return { status, startedAt: view.startedAt ?? event.at };
  if (!isOver(status)) return { status };
  return {
    status,
    isCancelling: false,
    finishedAt: event.at,
    output: event.data.output ?? null,
    error: errorOf(event) ?? null,
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** How many places there are in ranges (first, last): items taken over from another run. */
const sizeOf = (ranges: unknown): number => (Array.isArray(ranges) ? (ranges as [number, number][]).reduce((sum, [first, last]) => sum + last - first + 1, 0) : 0);

/** An instant of the journal, in microseconds since the epoch. */
const instantOf = (value: unknown): string | null => (typeof value === "number" ? new Date(value / 1000).toISOString() : textOf(value));

function errorOf(event: RunEvent): RunError | null {
  const error = event.data.error;
  if (error === null || typeof error !== "object" || Array.isArray(error)) return null;
  return {
    code: textOf(error.code) ?? "error",
    class: textOf(error.class) ?? textOf(error.klass) ?? "permanent",
    message: textOf(error.message) ?? "",
    hint: textOf(error.hint),
    node: textOf(event.data.node),
    step: textOf(event.data.origin) ?? event.step,
  };
}

export const blank = (key: string): StepState => ({
  key,
  node: nodeOfKey(key),
  status: "pending",
  attempt: 0,
  startedAt: null,
  finishedAt: null,
  error: null,
  port: null,
  due: null,
  total: null,
  waitsOn: null,
  done: 0,
  seq: 0,
});

/** An attempt that got a timer or items is still the same attempt; its end is told by another event. */
function stepAfter(before: StepState | undefined, key: string, event: RunEvent): StepState {
  const step = { ...(before ?? blank(key)), seq: event.seq };
  const verdict = DECIDED.has(event.kind) ? textOf(event.data.verdict) : null;
  const resolved: StepStatus = verdict === "over" ? "succeeded" : verdict === "succeeded" || verdict === "failed" ? verdict : "pending";
  const status = event.kind === "run_started" ? "succeeded" : verdict !== null ? resolved : STEP_STATUS[event.kind];
  if (status === undefined) return step;
  step.status = status;
  step.due = instantOf(event.data.due);
  step.waitsOn = event.kind === "step_waiting" ? { on: textOf(event.data.on) as WaitsOn["on"], ref: textOf(event.data.ref) ?? "" } : null;
  if (event.kind === "step_held") step.waitsOn = { on: "breakpoint", ref: "" };
  if (event.kind === "step_started" || event.kind === "run_started") {
    step.attempt = numberOf(event.data.attempt) ?? 1;
    step.startedAt ??= event.at;
    step.error = null;
  }
  if (LOOKS.has(event.kind)) {
    step.attempt = Math.max(0, step.attempt - 1);
    step.startedAt = null;
  }
  if (event.kind === "items_listed") {
    step.total = numberOf(event.data.count);
    step.done = sizeOf(event.data.kept);
  }
  if (event.kind === "turn_decided") step.total = (numberOf(event.data.index) ?? 0) + (event.data.begins === true ? 1 : 0);
  if (status === "succeeded") step.port = textOf(event.data.port) ?? "out";
  if (hasEnded(status)) step.finishedAt = event.at;
  step.error = errorOf(event) ?? (status === "succeeded" ? null : step.error);
  return step;
}

/** Steps that a part of a flow, or a rerun, begins with. */
function takeGiven(steps: Map<string, StepState>, event: RunEvent): void {
  const given = event.data.given;
  if (!Array.isArray(given)) return;
  for (const item of given) {
    if (item === null || typeof item !== "object" || Array.isArray(item)) continue;
    const key = textOf(item.step);
    // The journal leaves out what is as usual: succeeded, by the port `out`.
    const status = textOf(item.status ?? "succeeded");
    if (key === null || (status !== "succeeded" && status !== "failed" && status !== "skipped")) continue;
    steps.set(key, { ...blank(key), status, port: textOf(item.port === undefined && status === "succeeded" ? "out" : item.port), finishedAt: event.at, seq: event.seq });
  }
}
