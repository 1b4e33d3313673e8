import { describe, expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import type { FlowDocument, JsonObject } from "@/document/types";
import { beginning, folded, viewOf, viewOfMoment, type RunView } from "./fold";
import { overlay } from "./overlay";
import { pending, runOf } from "./run.test-data";

const run = runOf({ status: "queued", steps: pending("start", "charge", "paid", "yes", "no", "loop") });

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request" },
    { id: "paid", type: "flow.if" },
    { id: "yes", type: "log" },
    { id: "no", type: "log" },
    { id: "loop", type: "flow.for_each" },
    { id: "inner", type: "log", parent: "loop" },
  ],
  edges: [
    { from: "start", to: "charge" },
    { from: "charge", to: "paid" },
    { from: "paid", port: "true", to: "yes" },
    { from: "paid", port: "false", to: "no" },
    { from: "yes", to: "loop" },
  ],
};

let second = 0;
const event = (seq: number, kind: string, step: string | null, data: JsonObject = {}): RunEvent => ({ seq, kind, step, at: `2026-01-01T00:00:${String(second++ % 60).padStart(2, "0")}Z`, data });

const story: RunEvent[] = [
  event(1, "run_started", null, { trigger: "start", input: {} }),
  event(2, "step_started", "charge", { attempt: 1 }),
  event(3, "step_retrying", "charge", { error: { code: "x", class: "recoverable", message: "busy" }, due: "2026-01-01T00:00:09Z" }),
  event(4, "step_started", "charge", { attempt: 2 }),
  event(5, "step_succeeded", "charge", { port: "out" }),
  event(6, "step_started", "paid", { attempt: 1 }),
  event(7, "step_succeeded", "paid", { port: "true" }),
  event(8, "step_skipped", "no"),
  event(9, "step_started", "yes", { attempt: 1 }),
  event(10, "step_succeeded", "yes", { port: "out" }),
  event(11, "step_started", "loop", { attempt: 1 }),
  event(12, "items_listed", "loop", { count: 3 }),
  event(13, "step_started", "loop[0]/inner", { attempt: 1 }),
  event(14, "step_succeeded", "loop[0]/inner", { port: "out" }),
  event(15, "step_started", "loop[1]/inner", { attempt: 1 }),
];

const begun = (): RunView => beginning(viewOf(run, 0));

describe("the fold", () => {
  test("steps taken over from another run stand as they ended there, also where the journal leaves out what is as usual", () => {
    const given: JsonObject[] = [{ step: "charge", output: { paid: true } }, { step: "paid", port: "true" }, { step: "no", status: "skipped", port: null }];
    const { steps } = folded(viewOf(run, 0), [event(1, "run_started", null, { trigger: "start", given })]);
    expect(steps.get("charge")).toMatchObject({ status: "succeeded", port: "out" });
    expect(steps.get("paid")).toMatchObject({ status: "succeeded", port: "true" });
    expect(steps.get("no")).toMatchObject({ status: "skipped", port: null });
    expect(steps.get("yes")).toMatchObject({ status: "pending" });
  });

  test("a look at a breakpoint is no try, and a step that was let go is begun or done", () => {
    const held = folded(begun(), [event(1, "step_started", "charge", { attempt: 1 }), event(2, "step_held", "charge")]);
    expect(held.steps.get("charge")).toMatchObject({ status: "waiting", attempt: 0, startedAt: null, waitsOn: { on: "breakpoint" } });
    expect(folded(held, [event(3, "step_let_go", "charge", { verdict: "continue" })]).steps.get("charge")?.status).toBe("pending");
    expect(folded(held, [event(3, "step_let_go", "charge", { verdict: "over", port: "out" })]).steps.get("charge")).toMatchObject({ status: "succeeded", port: "out" });
  });

  test("items taken over from another run have ended when the list is told", () => {
    const listed = [event(1, "step_started", "loop", { attempt: 1 }), event(2, "items_listed", "loop", { count: 9, kept: [[0, 3], [6, 6]] })];
    expect(folded(begun(), listed).steps.get("loop")).toMatchObject({ total: 9, done: 5 });
  });

  test("is the same whether events come at once or one by one, and a second time they do nothing", () => {
    const whole = folded(begun(), story);
    const single = story.reduce((view, one) => folded(view, [one]), begun());
    expect(single).toEqual(whole);
    expect(folded(whole, story)).toBe(whole);
  });

  test("tells attempts, errors, waits and ports", () => {
    const waiting = folded(begun(), story.slice(0, 3));
    expect(waiting.steps.get("charge")).toMatchObject({ status: "retrying", due: "2026-01-01T00:00:09Z", error: { message: "busy" } });
    const done = folded(waiting, story);
    expect(done.steps.get("charge")).toMatchObject({ status: "succeeded", attempt: 2, port: "out", error: null });
    expect(done.status).toBe("running");
  });

  test("a run read in its middle goes on counting from what had ended then", () => {
    const loop = { key: "loop", node: "loop", status: "running" as const, attempt: 1, started_at: null, finished_at: null, error: null, items: 1000, done: 749 };
    const midway = viewOf({ ...run, steps: [loop] }, 5000);
    expect(overlay(flow, midway).nodes.get("loop")?.progress).toEqual({ done: 749, total: 1000 });
    const later = folded(midway, [event(5001, "step_started", "loop[749]/inner", { attempt: 1 }), event(5002, "step_succeeded", "loop[749]/inner")]);
    expect(overlay(flow, later).nodes.get("loop")?.progress).toEqual({ done: 750, total: 1000 });
  });

  test("a waiting step says what it waits for and until when, and forgets it when it goes on", () => {
    const waits = event(16, "step_waiting", "yes", { on: "signal", ref: "paid", due: 1_767_225_600_000_000 });
    const waiting = folded(begun(), [...story.slice(0, 9), { ...waits, seq: 10 }]);
    expect(waiting.steps.get("yes")).toMatchObject({ status: "waiting", waitsOn: { on: "signal", ref: "paid" }, due: "2026-01-01T00:00:00.000Z" });
    expect(overlay(flow, waiting).nodes.get("yes")?.waitsOn?.ref).toBe("paid");
    const over = folded(waiting, [event(11, "step_succeeded", "yes", { port: "timeout" })]);
    expect(over.steps.get("yes")).toMatchObject({ waitsOn: null, due: null, port: "timeout" });
  });

  test("a run waits when nothing of it is under way and something waits, however deep", () => {
    const until = (...events: RunEvent[]) => folded(begun(), [event(1, "run_started", null, { trigger: "start", input: {} }), ...events]).status;
    const asked = event(2, "step_started", "charge", { attempt: 1 });
    const waits = event(3, "step_waiting", "charge", { on: "approval", ref: "a" });
    const beside = event(4, "step_started", "yes", { attempt: 1 });
    expect(until(asked)).toBe("running");
    expect(until(asked, waits)).toBe("waiting");
    expect(until(asked, waits, beside)).toBe("running");
    expect(until(asked, waits, beside, event(5, "step_succeeded", "yes", { port: "out" }))).toBe("waiting");
    const inside = [event(2, "step_started", "loop", { attempt: 1 }), event(3, "items_listed", "loop", { count: 1 }), event(4, "step_started", "loop[0]/inner", { attempt: 1 })];
    expect(until(...inside)).toBe("running");
    expect(until(...inside, event(5, "step_waiting", "loop[0]/inner", { on: "signal", ref: "s" }))).toBe("waiting");
  });

  test("a finished run says how and when", () => {
    const failed = folded(begun(), [...story, event(16, "run_failed", null, { error: { code: "c", class: "permanent", message: "no" }, node: "charge", origin: "charge" })]);
    expect(failed).toMatchObject({ status: "failed", error: { message: "no", node: "charge" } });
    expect(failed.finishedAt).not.toBeNull();
  });
});

describe("the overlay", () => {
  const drawn = overlay(flow, folded(begun(), story));

  test("lights the arrows that were taken and fades the dead ones", () => {
    expect(drawn?.edges.get("charge:out>paid")).toBe("taken");
    expect(drawn?.edges.get("paid:true>yes")).toBe("taken");
    expect(drawn?.edges.get("paid:false>no")).toBe("dead");
    expect(drawn?.edges.get("yes:out>loop")).toBe("flowing");
  });

  test("counts the turns of a container and of what it holds", () => {
    expect(drawn?.nodes.get("loop")).toMatchObject({ status: "running", progress: { done: 1, total: 3 } });
    expect(drawn?.nodes.get("inner")).toMatchObject({ status: "running", progress: { done: 1, total: 3 } });
  });

  test("a routed error takes its own port", () => {
    const routed: FlowDocument = { ...flow, nodes: flow.nodes.map((node) => (node.id === "charge" ? { ...node, on_error: "route" } : node)), edges: [...flow.edges, { from: "charge", port: "error", to: "no" }] };
    const view = folded(begun(), [story[0], story[1], event(3, "step_failed", "charge", { error: { code: "x", class: "permanent", message: "no" } })].filter((one) => one !== undefined));
    expect(overlay(routed, view).edges.get("charge:error>no")).toBe("taken");
    expect(overlay(routed, view).edges.get("charge:out>paid")).toBe("dead");
  });
});

test("a run whose end was asked for says so at once, until it has ended or stands before that moment", () => {
  const asked = folded(begun(), [...story, event(16, "cancel_requested", null, { reason: "", by: "min" })]);
  expect([asked.status, asked.isCancelling]).toEqual(["running", true]);
  expect(beginning(asked).isCancelling).toBe(false);
  const over = folded(asked, [event(17, "step_succeeded", "loop[1]/inner", { port: "out" }), event(18, "run_cancelled", null, {})]);
  expect([over.status, over.isCancelling]).toEqual(["cancelled", false]);
});

test("a run that is read while its end is awaited says so, and so does a moment between", () => {
  const midway = viewOf({ ...run, is_cancelling: true }, 16);
  expect(midway.isCancelling).toBe(true);
  expect(viewOf(run, 16).isCancelling).toBe(false);
  expect(folded(midway, [event(17, "run_cancelled", null, {})]).isCancelling).toBe(false);
  const then = { seq: 16, at: "", status: "running" as const, is_cancelling: true, started_at: null, finished_at: null, error: null, steps: [], ended: {} };
  expect(viewOfMoment(viewOf(run, 18), then).isCancelling).toBe(true);
});

describe("a saga", () => {
  const saga: FlowDocument = {
    dsl: 1,
    nodes: [
      { id: "start", type: "trigger.manual" },
      { id: "charge", type: "http.request" },
      { id: "ship", type: "http.request" },
      { id: "refund", type: "http.request" },
    ],
    edges: [
      { from: "start", to: "charge" },
      { from: "charge", to: "ship" },
      { from: "charge", port: "compensate", to: "refund" },
    ],
  };
  const steps = saga.nodes.map(({ id }) => ({ key: id, node: id, status: "pending" as const, attempt: 0, started_at: null, finished_at: null, error: null }));
  const failing = [
    event(1, "run_started", null, { trigger: "start", input: {} }),
    event(2, "step_started", "charge", { attempt: 1 }),
    event(3, "step_succeeded", "charge", { port: "out" }),
    event(4, "step_started", "ship", { attempt: 1 }),
    event(5, "step_failed", "ship", { error: { code: "x", class: "permanent", message: "no" } }),
  ];
  const after = (...events: RunEvent[]) => folded(beginning(viewOf({ ...run, steps }, 0)), [...failing, ...events]);
  const undoing = [event(6, "compensation_started", null, { error: null }), event(7, "step_started", "refund", { attempt: 1 })];
  const undo = "charge:compensate>refund";

  test("shows that it is undone, what is undone now, and what has been", () => {
    expect(overlay(saga, after()).edges.get(undo)).toBe("idle");
    const midway = after(...undoing);
    expect(midway.status).toBe("compensating");
    expect(overlay(saga, midway).edges.get(undo)).toBe("flowing");
    const over = after(...undoing, event(8, "step_succeeded", "refund", { port: "out" }), event(9, "step_compensated", "charge"), event(10, "run_failed", null, { error: { code: "x", class: "permanent", message: "no" } }));
    expect(over.status).toBe("failed");
    expect(overlay(saga, over).nodes.get("charge")?.status).toBe("compensated");
    expect(overlay(saga, over).edges.get(undo)).toBe("taken");
    expect(overlay(saga, over).edges.get("charge:out>ship")).toBe("taken");
  });

  test("shows an undo that failed as one that was tried, and what it undoes as still done", () => {
    const left = after(...undoing, event(8, "step_failed", "refund", { error: { code: "y", class: "permanent", message: "closed" } }));
    expect(overlay(saga, left).edges.get(undo)).toBe("taken");
    expect(overlay(saga, left).nodes.get("charge")?.status).toBe("succeeded");
    expect(overlay(saga, left).nodes.get("refund")?.error?.message).toBe("closed");
  });
});
