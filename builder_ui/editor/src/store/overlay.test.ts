import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "@/api/types";
import type { FlowDocument, JsonObject } from "@/document/types";
import { folded, viewOf, type RunView } from "./fold";
import { drawnAfter, overlay, type Drawn } from "./overlay";
import { pending, runOf } from "./run.test-data";

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request", on_error: "route" },
    { id: "refund", type: "http.request" },
    { id: "all", type: "http.request", each: { items: "${input.rows}" } },
    { id: "loop", type: "flow.for_each" },
    { id: "inner", type: "log", parent: "loop" },
    { id: "deep", type: "flow.for_each", parent: "loop" },
    { id: "leaf", type: "log", parent: "deep" },
  ],
  edges: [
    { from: "start", to: "charge" },
    { from: "charge", port: "compensate", to: "refund" },
    { from: "charge", to: "all" },
    { from: "charge", port: "error", to: "loop" },
    { from: "all", to: "loop" },
    { from: "inner", to: "deep" },
  ],
};
const run = runOf({ steps: pending("start", "charge", "all", "loop") });

const KEYS = ["start", "charge", "refund", "all", "all[0]", "all[1]", "loop", "loop[0]/inner", "loop[1]/inner", "loop[0]/deep", "loop[0]/deep[0]/leaf", "loop[0]/deep[1]/leaf"];
const ENDS: Record<string, JsonObject> = {
  step_started: { attempt: 1 },
  items_listed: { count: 2 },
  step_succeeded: { port: "out" },
  step_failed: { error: { code: "x", class: "permanent", message: "no" } },
  step_skipped: {},
  step_compensated: {},
};
const told = fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...Object.keys(ENDS)));
const eventsOf = (story: readonly (readonly [string, string])[], after: number): RunEvent[] =>
  story.map(([step, kind], at) => ({ seq: after + at + 1, kind, step, at: "2026-01-01T00:00:01Z", data: ENDS[kind] ?? {} }));

test("an overlay that follows the events is that of the run as it stands, and what looks as it did is the same object", () => {
  fc.assert(
    fc.property(fc.array(fc.array(told, { maxLength: 4 }), { maxLength: 12 }), (story) => {
      let view: RunView = viewOf(run, 0);
      let drawn: Drawn = drawnAfter(null, flow, view);
      for (const part of story) {
        const before = drawn;
        view = folded(view, eventsOf(part, view.seq));
        drawn = drawnAfter(before, flow, view);
        const whole = overlay(flow, view);
        expect(new Map(drawn.overlay.nodes)).toEqual(whole.nodes);
        expect(drawn.overlay.edges).toEqual(whole.edges);
        for (const [id, node] of drawn.overlay.nodes) {
          const old = before.overlay.nodes.get(id);
          if (JSON.stringify(old) === JSON.stringify(node)) expect(node).toBe(old);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("an overlay follows to another moment, another document and another run", () => {
  const begun = viewOf(run, 0);
  const later = folded(begun, eventsOf([["charge", "step_started"], ["loop[0]/inner", "step_started"]], 0));
  const drawn = drawnAfter(drawnAfter(null, flow, begun), flow, later);
  expect(drawnAfter(drawn, flow, begun).overlay).toEqual(overlay(flow, begun));
  const other = { ...flow, nodes: flow.nodes.filter(({ id }) => id !== "all"), edges: [{ from: "charge", to: "loop" }] };
  expect(drawnAfter(drawn, other, later).overlay).toEqual(overlay(other, later));
  const another = viewOf({ ...run, id: "s" }, 0);
  expect(drawnAfter(drawn, flow, another).overlay).toEqual(overlay(flow, another));
});

test("an event that changes nothing that is seen leaves the overlay as it is", () => {
  const begun = folded(viewOf(run, 0), eventsOf([["charge", "step_started"]], 0));
  const drawn = drawnAfter(null, flow, begun);
  const said = folded(begun, [{ seq: 2, kind: "step_noted", step: "charge", at: "2026-01-01T00:00:02Z", data: {} }]);
  expect(drawnAfter(drawn, flow, said).overlay).toBe(drawn.overlay);
});
