import { describe, expect, test } from "vitest";
import { applyAll } from "@/document/apply";
import type { FlowDocument } from "@/document/types";
import { findingFixesOf } from "./findingFixes";

const document: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request" },
    { id: "hold", type: "flow.signal", config: { name: "go" } },
    { id: "refund", type: "http.request" },
  ],
  edges: [
    { from: "start", to: "charge" },
    { from: "charge", to: "hold" },
  ],
};
const finding = (code: string, node: string | null) => ({ code, node, path: "", message: "", hint: null, severity: "warning" as const });
const fixes = (code: string, node: string | null, of: FlowDocument = document) => findingFixesOf(finding(code, node), of);
const fixed = (code: string, node: string | null) => applyAll(document, fixes(code, node)[0]?.operations ?? []);

describe("mends of findings", () => {
  test("what may be sent twice is sent at most once, or vouched for", () => {
    expect(fixed("may_be_sent_twice", "charge").nodes[1]).toMatchObject({ effect: "once" });
    expect(fixes("may_be_sent_twice", "charge").map((fix) => fix.label)).toEqual(["steering.fix.once", "steering.fix.keyed"]);
  });

  test("a wait without an end gets one", () => {
    expect(fixed("waits_for_ever", "hold").nodes[2]?.config).toEqual({ name: "go", timeout: "24h" });
  });

  test("a question and a call that may last for ever get a time", () => {
    expect(fixed("asks_for_ever", "hold").nodes[2]?.config).toMatchObject({ timeout: "24h" });
    expect(fixed("call_waits_for_ever", "charge").nodes[1]).toMatchObject({ timeout: "24h" });
  });

  test("an undo that never runs makes the flow compensate", () => {
    expect(fixed("undo_never_runs", "charge").settings).toMatchObject({ on_failure: "compensate" });
  });

  test("an undo of nothing is wired to the only step of its kind", () => {
    expect(fixed("undo_of_nothing", "refund").edges).toContainEqual({ from: "charge", to: "refund", port: "compensate" });
  });

  test("where two steps might want the undo a person must choose", () => {
    const two = { ...document, nodes: [...document.nodes, { id: "other", type: "http.request" }], edges: [...document.edges, { from: "hold", to: "other" }] };
    expect(fixes("undo_of_nothing", "refund", two)).toEqual([]);
  });
});
