import { describe, expect, test } from "vitest";
import type { Standing } from "@/api/environments";
import { isForward, livesOf, originOf, suggestedWay, valueOf } from "./way";

const standing = (environment: string, live_version: number | null): Standing => ({
  environment, live_version, is_default: environment === "production", canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false,
});
const of = (dev: number | null, staging: number | null, production: number | null) => [standing("dev", dev), standing("staging", staging), standing("production", production)];

describe("the promotion that is meant", () => {
  test("what is live here goes on to the next environment", () => {
    expect(suggestedWay(of(3, null, 1), "dev")).toEqual({ origin: { from: "dev" }, to: "staging" });
  });

  test("at the end of the way it comes from the nearest before in which something is live", () => {
    expect(suggestedWay(of(3, null, 1), "production")).toEqual({ origin: { from: "dev" }, to: "production" });
    expect(suggestedWay(of(3, 2, 1), "production")).toEqual({ origin: { from: "staging" }, to: "production" });
  });

  test("where nothing is live it comes from before, or else from wherever something is", () => {
    expect(suggestedWay(of(3, null, 1), "staging")).toEqual({ origin: { from: "dev" }, to: "staging" });
    expect(suggestedWay(of(null, null, 1), "staging")).toEqual({ origin: { from: "production" }, to: "staging" });
  });

  test("from the last one alone it goes to the first", () => {
    expect(suggestedWay(of(null, null, 1), "production")).toEqual({ origin: { from: "production" }, to: "dev" });
  });

  test("there is none where nothing is live, or nowhere else to go", () => {
    expect(suggestedWay(of(null, null, null), "production")).toBeNull();
    expect(suggestedWay([standing("production", 1)], "production")).toBeNull();
    expect(suggestedWay(of(1, 1, 1), "moon")).toBeNull();
  });
});

test("a version says in which environments it is live", () => {
  expect(livesOf(of(2, 2, 1), 2)).toEqual(["dev", "staging"]);
  expect(livesOf(of(2, 2, 1), 3)).toEqual([]);
});

test.each([{ from: "dev-2" }, { version: 12 }])("a choice tells where a version comes from: %o", (origin) => {
  expect(originOf(valueOf(origin))).toEqual(origin);
});

test("what is newer than the live version is released, and so is anything where nothing is live", () => {
  expect([isForward(3, 2), isForward(1, null), isForward(2, 2), isForward(1, 2)]).toEqual([true, true, false, false]);
});
