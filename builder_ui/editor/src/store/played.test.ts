import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/client";
import * as calls from "@/api/flowTests";
import type { FlowDocument } from "@/document/types";
import { resultOf, usePlayed } from "./played";
import { useView } from "./view";

const one = { name: "one" };
const two = { name: "two" };
const document: FlowDocument = { dsl: 1, nodes: [], edges: [], tests: [one, two] };
const coverage = { share: 50, nodes: { reached: 1, count: 2 }, ports: { reached: 1, count: 2 }, places: [], never: [] };
const cases = [one, two].map(({ name }, index) => ({ index, name, passed: index === 0, wrong: index === 0 ? [] : ["no"], seconds: 0 }));

beforeEach(() => usePlayed.setState(usePlayed.getInitialState()));
afterEach(() => {
  vi.restoreAllMocks();
  useView.getState().fail(null);
});

test("each test has its own answer, one that was changed since has none", async () => {
  vi.spyOn(calls, "playTests").mockResolvedValue({ cases, coverage });
  await usePlayed.getState().play("f", document);
  expect([one, two].map((each) => resultOf(usePlayed.getState(), each)?.passed)).toEqual([true, false]);
  expect(resultOf(usePlayed.getState(), { ...one })).toBeNull();
});

test("an answer for a flow that was left is not shown in the next one", async () => {
  let arrive: (played: calls.Played) => void = () => undefined;
  vi.spyOn(calls, "playTests").mockReturnValueOnce(new Promise((resolve) => (arrive = resolve))).mockResolvedValue({ cases: [], coverage });
  const first = usePlayed.getState().play("f", document);
  await usePlayed.getState().play("g", { ...document, tests: [] });
  arrive({ cases, coverage });
  await first;
  expect(usePlayed.getState()).toMatchObject({ flow: "g", answer: { cases: [] }, isPlaying: false });
});

test("what the server refuses is told, and what was known stays", async () => {
  vi.spyOn(calls, "playTests").mockResolvedValueOnce({ cases, coverage }).mockRejectedValue(new ApiError(422, "invalid_document", "It can't run."));
  await usePlayed.getState().play("f", document);
  await usePlayed.getState().play("f", document);
  expect(useView.getState().failure?.message).toBe("It can't run.");
  expect(usePlayed.getState()).toMatchObject({ isPlaying: false, answer: { cases } });
});
