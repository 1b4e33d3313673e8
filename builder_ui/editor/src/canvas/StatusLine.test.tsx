import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak } from "@/i18n";
import type { NodeOverlay } from "@/store/overlay";
import { fillIn, show } from "@/ui/testing";
import { StatusLine } from "./StatusLine";

beforeAll(() => speak("en"));
beforeEach(() => fillIn());
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const error = { code: "x", class: "recoverable", message: "busy", node: "a", step: "a" };
const said = (state: Partial<NodeOverlay>): string => {
  const whole: NodeOverlay = { status: "running", attempt: 1, startedAt: null, finishedAt: null, due: null, error: null, port: null, progress: null, waitsOn: null, key: "a", ...state };
  const { container } = show(<StatusLine node={{ id: "a", type: "log", retry: { max_attempts: 9 } }} state={whole} />);
  return container.querySelector("span[title]")?.getAttribute("title") ?? "";
};

test("a step whose effect nobody knows says first that someone must decide", () => {
  expect(said({ status: "uncertain", error })).toMatch(/^someone must decide · busy/);
});

test("a step that is tried again, or put off by a breaker or a rate, says when it goes on and which try that was", () => {
  const due = new Date(Date.now() + 90_000).toISOString();
  expect(said({ status: "retrying", attempt: 6, startedAt: new Date().toISOString(), due, error })).toMatch(/^goes on .*minute.* · try 6 of 9/);
});

test.each([
  ["in a moment", 1_000, "goes on any moment"],
  ["just now", -1_000, "goes on any moment"],
  ["long ago, with no worker to take it up", -60_000, "due, waits for a worker"],
])("a step that is due %s doesn't go on in the past", (_, away, text) => {
  expect(said({ status: "retrying", due: new Date(Date.now() + away).toISOString(), error })).toBe(text);
});

test("what was undone says so, and a list how far it has come", () => {
  expect(said({ status: "compensated" })).toContain("Undone");
  expect(said({ status: "running", progress: { done: 750, total: 1000 } })).toContain("750");
});
