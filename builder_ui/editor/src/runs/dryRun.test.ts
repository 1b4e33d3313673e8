import { expect, test } from "vitest";
import type { DryRun } from "@/api/dryRuns";
import type { FlowDocument, JsonObject } from "@/document/types";
import { stepsOfDry, viewOfDry, waitingOf } from "./dryRun";

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request" },
    { id: "paid", type: "flow.if" },
    { id: "no", type: "log" },
    { id: "ask", type: "flow.signal" },
  ],
  edges: [],
};
let seq = 0;
const event = (kind: string, step: string | null, data: JsonObject = {}) => ({ seq: ++seq, kind, step, at: "2026-01-01T00:00:00Z", data });
const told: DryRun = {
  status: "waiting",
  output: null,
  events: [
    event("run_started", null, { trigger: "start", input: { n: 1 } }),
    event("step_started", "charge", { attempt: 1 }),
    event("step_succeeded", "charge", { port: "out", output: { status: 200 } }),
    event("step_started", "paid", { attempt: 1 }),
    event("step_succeeded", "paid", { port: "true", output: { port: "true" } }),
    event("step_skipped", "no"),
    event("step_started", "ask", { attempt: 1 }),
    event("step_waiting", "ask", { on: "signal", ref: "go" }),
  ],
  asked: [{ step: "charge", node: "charge", effect: "keyed", input: { url: "https://pay.example" }, pinned: true }],
};

test("a dry run is drawn as a run is, and says of each step what it gave and what it would have asked for", () => {
  const view = viewOfDry("f", flow, { n: 1 }, told);
  expect([view.flow, view.status, view.steps.get("no")?.status]).toEqual(["f", "waiting", "skipped"]);
  const steps = stepsOfDry(view, told);
  expect(steps.map(({ state }) => state.key)).toEqual(["start", "charge", "paid", "ask"]);
  expect(steps[1]).toMatchObject({ output: { status: 200 }, asked: { pinned: true, input: { url: "https://pay.example" } } });
  expect(steps[3]).toMatchObject({ output: undefined, asked: null });
  expect(waitingOf(view)).toEqual(["ask"]);
});
