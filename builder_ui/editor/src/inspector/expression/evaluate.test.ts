import { describe, expect, test } from "vitest";
import { preview } from "./evaluate";

const roots = {
  input: { order_id: "A-1", lines: [{ price: 2 }, { price: 3 }], "odd key": 1 },
  nodes: { charge: { status: 200, body: { status: "paid" } }, later: undefined, skipped: null },
  item: undefined,
};
const give = (text: string) => preview(text, roots);

describe("what an expression gives now", () => {
  test.each([
    ["{{ input.order_id }}", "A-1"],
    ["{{ nodes.charge.status }}", 200],
    ["{{ input.lines[1].price }}", 3],
    ["{{ input.lines[-1] }}", { price: 3 }],
    ["{{ input['odd key'] }}", 1],
    ["{{ nodes.charge.body.status == 'paid' }}", true],
    ["{{ nodes.charge.status >= 400 }}", false],
    ["{{ true }}", true],
    ["{{ 'text' }}", "text"],
    ["plain", "plain"],
    ["Order {{ input.order_id }}: {{ nodes.charge.status }}", "Order A-1: 200"],
    ["{{ nodes.skipped }} of {{ input.lines }}", 'null of [{"price":2},{"price":3}]'],
  ])("%s", (text, value) => {
    expect(give(text)).toEqual({ kind: "value", value });
  });

  test("a path through null is null", () => {
    expect(give("{{ nodes.skipped.body.x }}")).toEqual({ kind: "value", value: null });
  });

  test("a missing key names the path and the keys that exist", () => {
    expect(give("{{ nodes.charge.boddy }}")).toEqual({ kind: "missing", path: "nodes.charge.boddy", keys: ["status", "body"] });
  });

  test("what has not run yet is unknown", () => {
    expect(give("{{ nodes.later.x }}")).toEqual({ kind: "unknown" });
    expect(give("{{ item.price }}")).toEqual({ kind: "unknown" });
  });

  test.each(["{{ sum(l.price for l in input.lines) }}", "{{ input.order_id.upper() }}", "{{ 1 + }}", "{{ f'{input}' }}", "{{ }}", "{{ a.b }}"])(
    "%s is left to the server",
    (text) => {
      expect(give(text)).toEqual({ kind: "server" });
    },
  );
});
