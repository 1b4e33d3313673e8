import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { readJson } from "@/document/code/readJson";
import { speak, withWords } from "@/i18n";
import { useJudged } from "./useJudged";

const source = readJson('{ "dsl": 1, "nodes": [], "edges": [] }');
const problem = { code: "no_trigger", node: null, path: "/nodes", message: "Nothing starts it.", hint: "" };

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const answering = (...answers: (Response | Error)[]) => {
  const asked = vi.fn(() => {
    const next = answers.shift();
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new TypeError("no line"));
  });
  vi.stubGlobal("fetch", asked);
  return asked;
};
const passes = (ms: number): Promise<void> =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });

test("without a line it says when it asks again, asks again then, and tells what is wrong", async () => {
  const asked = answering(new TypeError("no line"), new TypeError("no line"), new Response(JSON.stringify({ problems: [problem] }), { status: 200 }));
  const { result } = renderHook(() => useJudged(source, true));
  expect(result.current).toMatchObject({ isOpen: true, away: null });
  await passes(500);
  expect(result.current.away).toEqual(expect.objectContaining({ retryAt: Date.now() + 3_000, refused: null }));
  await passes(3_000);
  expect(result.current.away?.retryAt).toBe(Date.now() + 6_000);
  await passes(6_000);
  expect(asked).toHaveBeenCalledTimes(3);
  expect(result.current).toMatchObject({ isOpen: false, away: null });
  expect(result.current.judged.map(({ message }) => message)).toEqual(["Nothing starts it."]);
});

test("it asks at once when the line is back", async () => {
  const asked = answering(new TypeError("no line"), new Response(JSON.stringify({ problems: [] }), { status: 200 }));
  const { result } = renderHook(() => useJudged(source, true));
  await passes(500);
  window.dispatchEvent(new Event("online"));
  await passes(0);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(result.current).toMatchObject({ isOpen: false, away: null });
});

test("a server that would not look is not asked for ever, and says why", async () => {
  const asked = answering(new Response(JSON.stringify({ code: "too_large", title: "The request is too large." }), { status: 413 }));
  const { result } = renderHook(() => useJudged(source, true));
  await passes(600_000);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(result.current.away).toMatchObject({ retryAt: null, refused: "The request is too large." });
});
