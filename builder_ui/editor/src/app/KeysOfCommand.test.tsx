import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { COMMANDS } from "@/commands";
import { speak, withWords } from "@/i18n";
import { show } from "@/ui/testing";
import { KeysOfCommand } from "./KeysOfCommand";

const hand = COMMANDS.filter(({ id }) => id === "hand");

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
afterEach(cleanup);

function asked() {
  const onKeep = vi.fn();
  show(hand.map((command) => <KeysOfCommand key={command.id} command={command} onKeep={onKeep} />));
  const change = screen.getByRole("button", { name: "Change the keys of Hand" });
  fireEvent.click(change);
  return { change, onKeep, recorder: screen.getByText("Press the keys…") };
}

test("the key after Escape finds the focus where it was, without a frame between them", () => {
  const { change, onKeep, recorder } = asked();
  expect(document.activeElement).toBe(recorder);
  fireEvent.keyDown(recorder, { key: "Escape" });
  expect(document.activeElement).toBe(change);
  expect(onKeep).not.toHaveBeenCalled();
});

test("the key after the new keys finds the focus where it was too", () => {
  const { change, onKeep, recorder } = asked();
  fireEvent.keyDown(recorder, { key: "F9", code: "F9" });
  expect(document.activeElement).toBe(change);
  expect(onKeep).toHaveBeenCalledWith({ hand: ["F9"] });
});
