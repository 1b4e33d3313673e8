import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak } from "@/i18n";
import { ConfirmDialog } from "./ConfirmDialog";
import { fillIn, show } from "./testing";

beforeAll(() => speak("en"));
beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const asked = (onConfirm: () => void, disabled = false) =>
  show(
    <ConfirmDialog opened title="Start" confirm="Go" disabled={disabled} onConfirm={onConfirm} onClose={() => undefined}>
      <textarea aria-label="one line" data-line />
      <textarea aria-label="a note" />
    </ConfirmDialog>,
  );

test("Enter confirms from a field of one line, and breaks the line in a longer text", () => {
  const onConfirm = vi.fn();
  asked(onConfirm);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter" });
  expect(onConfirm).not.toHaveBeenCalled();
  fireEvent.keyDown(screen.getByLabelText("one line"), { key: "Enter" });
  expect(onConfirm).toHaveBeenCalledTimes(1);
});

test("Ctrl-Enter confirms from everywhere, unless it may not be confirmed", () => {
  const onConfirm = vi.fn();
  asked(onConfirm);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter", ctrlKey: true });
  expect(onConfirm).toHaveBeenCalledTimes(1);
  cleanup();
  asked(onConfirm, true);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter", ctrlKey: true });
  expect(onConfirm).toHaveBeenCalledTimes(1);
});
