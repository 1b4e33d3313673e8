import { describe, expect, test } from "vitest";
import type { StepPair } from "@/api/past";
import type { RunStep } from "@/api/types";
import { differenceOf, leftBehind, pace, worthOf } from "./steps";
import { differing, MOST } from "./values";

describe("values beside each other", () => {
  test("differ by place, however deep, and what one lacks is undefined there", () => {
    expect(differing({ a: 1, b: { c: [1, 2], "d e": "x" } }, { a: 1, b: { c: [1, 3, 4], "d e": "y" } })).toEqual([
      { path: "b.c[1]", left: 2, right: 3 },
      { path: "b.c[2]", left: undefined, right: 4 },
      { path: 'b["d e"]', left: "x", right: "y" },
    ]);
  });

  test("null is not nothing, a list is not an object, and alike is nothing to tell", () => {
    expect(differing({ a: null }, {})).toEqual([{ path: "a", left: null, right: undefined }]);
    expect(differing([], {})).toEqual([{ path: "", left: [], right: {} }]);
    expect(differing({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });

  test("of very many places only so many are told that one knows there are more", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => at);
    expect(differing(many, many.map((each) => each + 1))).toHaveLength(MOST + 1);
  });
});

const step = (ms: number): RunStep => ({ key: "a", node: "a", status: "succeeded", attempt: 1, started_at: new Date(0).toISOString(), finished_at: new Date(ms).toISOString(), error: null });
const pair = (left: number, right: number): StepPair => ({ key: "a", left: step(left), right: step(right), differs: [] });

describe("steps beside each other", () => {
  test("a duration is worth a look when it is felt and much more or less", () => {
    expect(pace(pair(1_000, 1_600))).toBe("slower");
    expect(pace(pair(1_600, 1_000))).toBe("faster");
    expect(pace(pair(1_000, 1_200))).toBeNull();
    expect(pace(pair(2, 60))).toBeNull();
    expect(worthOf(pair(1_000, 1_600))).toEqual(["duration"]);
  });

  test("a step of a run that was moved tells the version it began by, one that began since does not", () => {
    const at = (ms: number): string => new Date(ms).toISOString();
    const moves = [{ at: at(1_000), was_version: 1, version: 2 }, { at: at(2_000), was_version: 2, version: 4 }];
    const begun = (ms: number): RunStep => ({ ...step(9_000), started_at: at(ms) });
    expect([500, 1_000, 1_500, 2_000, 2_500].map((ms) => leftBehind(begun(ms), moves))).toEqual([1, 2, 2, null, null]);
    expect([leftBehind(begun(500), []), leftBehind(null, moves), leftBehind({ ...step(1), started_at: null }, moves)]).toEqual([null, null, null]);
  });

  test("documents differ in what nodes say and how they are joined, not in where they stand", () => {
    const node = (id: string, config: object, x = 0) => ({ id, type: "log", config, position: { x, y: 0 } }) as never;
    const before = { dsl: 1, nodes: [node("a", {}), node("b", { x: 1 }), node("c", {})], edges: [{ from: "a", to: "b" }] } as never;
    const after = { dsl: 1, nodes: [node("a", {}, 90), node("b", { x: 2 }), node("d", {})], edges: [{ from: "a", to: "d" }] } as never;
    const { nodes, edges } = differenceOf(before, after);
    expect([...nodes]).toEqual([["b", "changed"], ["d", "added"], ["c", "removed"]]);
    expect([...edges.values()]).toEqual(["added", "removed"]);
  });
});
