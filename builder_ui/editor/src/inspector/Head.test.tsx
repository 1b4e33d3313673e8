import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useState } from "react";
import { fillIn, show } from "@/ui/testing";
import { InlineText } from "./Head";

beforeEach(fillIn);
afterEach(cleanup);

function Named({ onKeep }: { onKeep?: (value: string) => string | null }) {
  const [value, setValue] = useState("before");
  const [editing, setEditing] = useState(false);
  const keep = (next: string): string | null => {
    const why = onKeep?.(next) ?? null;
    if (why === null) setValue(next);
    return why;
  };
  return (
    <>
      <button onClick={() => setEditing(true)}>by command</button>
      <InlineText value={value} label="Name" readOnly={false} editing={editing} onEdit={setEditing} onKeep={keep} />
    </>
  );
}

const text = () => screen.getByRole("button", { name: /^Name/ });
const field = () => screen.getByRole("textbox", { name: "Name" });

test.each(["Enter", "Escape"])("%s gives the focus back to the text that was clicked", (key) => {
  show(<Named />);
  act(() => text().focus());
  fireEvent.click(text());
  expect(document.activeElement).toBe(field());
  fireEvent.change(field(), { target: { value: "after" } });
  fireEvent.keyDown(field(), { key });
  expect(document.activeElement).toBe(text());
  expect(text().textContent).toBe(key === "Enter" ? "after" : "before");
});

test("begun from elsewhere, the focus goes back there", () => {
  show(<Named />);
  const command = screen.getByRole("button", { name: "by command" });
  act(() => command.focus());
  fireEvent.click(command);
  expect(document.activeElement).toBe(field());
  fireEvent.keyDown(field(), { key: "Enter" });
  expect(document.activeElement).toBe(command);
});

test("what is refused stays where it is typed, and an Enter that ends a composed letter ends nothing else", () => {
  show(<Named onKeep={() => "taken"} />);
  fireEvent.click(text());
  fireEvent.change(field(), { target: { value: "한" } });
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.keyDown(field(), { key: "Enter" });
  expect(screen.getByRole("alert").textContent).toBe("taken");
  expect(document.activeElement).toBe(field());
});
