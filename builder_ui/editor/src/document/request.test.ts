import { expect, test } from "vitest";
import { requestOf } from "./request";

test("a request holds what the flow reads of it, and the rest is empty", () => {
  const config = { title: "Refund {{ input.body.amount }} for {{ input.body.order }} by {{ input.headers.x_by }}", more: ["{{ input.body.amount > 100 }}"] };
  expect(requestOf({ dsl: 1, nodes: [{ id: "hook", type: "trigger.webhook" }, { id: "ask", type: "log", config }], edges: [] })).toEqual({
    method: "POST",
    query: {},
    headers: { x_by: null },
    body: { amount: null, order: null },
  });
});
