import { describe, expect, test } from "vitest";
import type { StepDetail } from "@/api/types";
import type { Catalogue, NodeTypeInfo } from "@/document/catalogue";
import type { FlowDocument } from "@/document/types";
import type { RunView, StepState } from "@/store/fold";
import { answeredOutside, canBeCase, caseOf } from "./caseOf";

const type = (name: string, effect: NodeTypeInfo["effect"], role: NodeTypeInfo["role"] = "task") => [name, { name, role, effect, ports: ["out"] } as unknown as NodeTypeInfo] as const;
const catalogue: Catalogue = new Map([type("trigger.manual", "pure", "trigger"), type("http.request", "keyed"), type("data.set", "pure"), type("flow.signal", "pure")]);

const document: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request" },
    { id: "each", type: "http.request", each: { items: [1, 2] } },
    { id: "set", type: "data.set" },
    { id: "paid", type: "flow.signal" },
    { id: "never", type: "http.request" },
  ],
  edges: [],
};

const step = (key: string, node: string, status: StepState["status"]): [string, StepState] => [key, { key, node, status } as StepState];
const run = (more: Partial<RunView> = {}): RunView => ({
  id: "r", flow: "f", version: 1, number: 7, status: "succeeded", createdAt: "", startedAt: null, finishedAt: null, input: { n: 4 }, output: 5, error: null, seq: 9, parent: null,
  steps: new Map([
    step("start", "start", "succeeded"), step("charge", "charge", "succeeded"), step("each", "each", "succeeded"), step("each[0]", "each", "succeeded"),
    step("set", "set", "succeeded"), step("paid", "paid", "succeeded"), step("never", "never", "skipped"), step("gone", "gone", "succeeded"),
  ]),
  ...more,
});

const refused = { class: "recoverable", code: "http_503", message: "busy" };
const answer = (more: Partial<StepDetail>): StepDetail => ({ key: "charge", status: "succeeded", output: { ok: true }, port: "out", attempts: [{ error: null }], ...more }) as StepDetail;

describe("a test made of a run", () => {
  test("asks for what answered from outside, an item each, and computes the rest anew", () => {
    expect(answeredOutside(run(), document, catalogue)).toEqual(["charge", "each[0]", "paid"]);
  });

  test("holds input, answers and the expected output", () => {
    expect(caseOf(run(), "start", [answer({})], document, "Run #7")).toEqual({
      name: "Run #7", input: { n: 4 }, trigger: "start", mocks: { charge: [{ output: { ok: true } }] }, expect: { run: "succeeded", output: 5 },
    });
  });

  test("an answer that took several tries is told try by try, and by which port it left", () => {
    const made = caseOf(run(), null, [answer({ port: "timeout", output: null, attempts: [{ error: refused }, { error: null }] as StepDetail["attempts"] })], document, "x");
    expect(made.mocks).toEqual({ charge: [{ error: refused }, { output: null, port: "timeout" }] });
    expect(made.trigger).toBeUndefined();
  });

  test("what is no longer kept is neither an answer nor expected", () => {
    const removed = { $omitted: "removed", after_days: 7 } as const;
    const made = caseOf(run({ output: removed }), null, [answer({ output: removed })], document, "x");
    expect(made).toEqual({ name: "x", input: { n: 4 }, expect: { run: "succeeded" } });
  });

  test("a failed run expects its error", () => {
    const failed = run({ status: "failed", output: null, error: refused });
    const made = caseOf(failed, "gone", [answer({ status: "failed", attempts: [{ error: refused }] as StepDetail["attempts"] })], document, "x");
    expect(made).toEqual({ name: "x", input: { n: 4 }, mocks: { charge: [{ error: refused }] }, expect: { run: "failed", error_code: "http_503" } });
  });

  test("its name is one that no other test has", () => {
    const tests = [{ name: "Run #7" }, { name: "Run #7 (2)" }];
    expect(caseOf(run(), null, [], { ...document, tests }, "Run #7").name).toBe("Run #7 (3)");
  });

  test("only a run that came to its own end can be one", () => {
    expect([null, run({ status: "running" }), run({ status: "cancelled" }), run({ status: "failed" }), run()].map(canBeCase)).toEqual([false, false, false, true, true]);
  });
});
