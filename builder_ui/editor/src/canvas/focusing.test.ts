import { fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { focusOn, whenUnfocused } from "./focusing";

function card(id: string): HTMLElement {
  const made = document.createElement("div");
  made.className = "react-flow__node";
  made.dataset.id = id;
  made.tabIndex = 0;
  document.body.append(made);
  return made;
}
const nextFrame = (): void => void vi.advanceTimersToNextFrame();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

test("a card that stands has the focus at once", () => {
  const there = card("a");
  focusOn(document.body, "a");
  expect(document.activeElement).toBe(there);
});

test("a card that comes has the focus, though the one that had it was taken down on the way", () => {
  const before = card("a");
  before.focus();
  focusOn(document.body, "b");
  before.remove();
  nextFrame();
  const there = card("b");
  nextFrame();
  expect(document.activeElement).toBe(there);
});

test.each(["keyDown", "pointerDown", "wheel"] as const)("whoever does something meanwhile (%s) keeps the focus where it is", (act) => {
  const before = card("a");
  before.focus();
  focusOn(document.body, "b");
  fireEvent[act](before);
  card("b");
  nextFrame();
  expect(document.activeElement).toBe(before);
});

test("of two that are asked for the later one has the focus", () => {
  focusOn(document.body, "a");
  focusOn(document.body, "b");
  const [, later] = [card("a"), card("b")];
  nextFrame();
  expect(document.activeElement).toBe(later);
});

test("what is to have the focus after a field has it once that is gone, unless it was put elsewhere meanwhile", () => {
  const field = document.createElement("input");
  document.body.append(field);
  field.focus();
  const there = card("a");
  whenUnfocused(() => focusOn(document.body, "a"));
  field.remove();
  nextFrame();
  expect(document.activeElement).toBe(there);

  const elsewhere = card("b");
  whenUnfocused(() => focusOn(document.body, "a"));
  elsewhere.focus();
  nextFrame();
  expect(document.activeElement).toBe(elsewhere);
});
