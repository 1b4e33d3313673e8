import { describe, expect, test } from "vitest";
import { sketchOf } from "./sketch";

const any = () => true;
const steps = (text: string) => sketchOf(text, any)?.fragment.nodes.map(({ type, config }) => [type, config]);

describe("a description becomes a sketch", () => {
  test("each clause a step, that reads what the one before it gave", () => {
    const sketch = sketchOf("Every weekday at 9:30, fetch https://api.example/orders, keep those with total > 100, sum amount by region and then log it", any);
    expect(sketch?.fragment.nodes.map(({ id, type, config }) => [id, type, config])).toEqual([
      ["schedule", "trigger.schedule", { cron: "30 9 * * 1-5" }],
      ["request", "http.request", { method: "GET", url: "https://api.example/orders" }],
      ["filter", "data.filter", { items: "{{ nodes.request.body }}", condition: "{{ item.total > 100 }}" }],
      ["aggregate", "data.aggregate", { items: "{{ nodes.filter }}", by: ["region"], fields: { amount: { op: "sum", field: "amount" } } }],
      ["log", "log", { message: "{{ nodes.aggregate }}" }],
    ]);
    expect(sketch?.fragment.edges.map((edge) => `${edge.from}>${edge.to}`)).toEqual(["schedule>request", "request>filter", "filter>aggregate", "aggregate>log"]);
    expect(sketch?.unread).toEqual([]);
  });

  test("in Korean too", () => {
    expect(steps("매일 오후 3시에 https://api.example/orders 에서 가져오고, total이 100 이상인 것만 남기고, 결과를 기록")).toEqual([
      ["trigger.schedule", { cron: "0 15 * * *" }],
      ["http.request", { method: "GET", url: "https://api.example/orders" }],
      ["data.filter", { items: "{{ nodes.request.body }}", condition: "{{ item.total >= 100 }}" }],
      ["log", { message: "{{ nodes.filter }}" }],
    ]);
  });

  test("without a beginning of its own it begins by hand; a decision leads on by its good port", () => {
    const sketch = sketchOf("if amount is over 50, ask for approval, post to https://pay.example/refunds", any);
    expect(sketch?.fragment.nodes.map((node) => node.type)).toEqual(["trigger.manual", "flow.if", "flow.approval", "http.request"]);
    expect(sketch?.fragment.edges.map((edge) => edge.port ?? "out")).toEqual(["out", "true", "approved"]);
    expect(sketch?.fragment.nodes[1]?.config).toEqual({ condition: "{{ input.amount > 50 }}" });
    expect(sketch?.fragment.nodes[3]?.config).toEqual({ method: "POST", url: "https://pay.example/refunds", json: "{{ input }}" });
  });

  test.each<[string, object]>([
    ["every 15 minutes", { every: "15m" }],
    ["every monday at 8 pm", { cron: "0 20 * * 1" }],
    ["10분마다", { every: "10m" }],
    ["hourly", { every: "1h" }],
    ["daily", { cron: "0 9 * * *" }],
  ])("%s is when it starts", (text, config) => expect(steps(text)).toEqual([["trigger.schedule", config]]));

  test("a beginning and what it asks for may stand in one clause", () => {
    expect(steps("every day at 9 fetch https://api.example/a")?.map(([type]) => type)).toEqual(["trigger.schedule", "http.request"]);
  });

  test("a wait says how long", () => {
    expect(steps("wait 2 hours")?.[1]).toEqual(["flow.wait", { for: "2h" }]);
    expect(steps("30초 동안 기다림")?.[1]).toEqual(["flow.wait", { for: "30s" }]);
  });

  test("what no rule reads is named, and nothing at all is no sketch", () => {
    expect(sketchOf("log it, dance on the table", any)?.unread).toEqual(["dance on the table"]);
    expect(sketchOf("dance on the table", any)).toBeNull();
    expect(sketchOf("  ", any)).toBeNull();
  });

  test("a node type that isn't installed is not drawn", () => {
    const sketch = sketchOf("log it, query the database", (type) => type !== "database.postgres");
    expect(sketch?.fragment.nodes.map((node) => node.type)).toEqual(["trigger.manual", "log"]);
    expect(sketch?.unread).toEqual(["query the database"]);
  });
});
