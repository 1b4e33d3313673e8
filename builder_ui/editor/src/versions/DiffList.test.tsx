import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, expect, test } from "vitest";
import type { Change } from "@/api/changes";
import { speak, withWords } from "@/i18n";
import { DiffList } from "./DiffList";

const show = (changes: readonly Change[]) => render(<MantineProvider><DiffList changes={changes} /></MantineProvider>);

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});

test("an expression is shown on both sides with its tokens marked", () => {
  const pieces = [
    { what: "same", text: "{{ input.amount > " },
    { what: "removed", text: "10" },
    { what: "added", text: "100" },
    { what: "same", text: " }}" },
  ] as const;
  show([{ what: "changed", part: "node", id: "big", path: "/config/condition", before: "{{ input.amount > 10 }}", after: "{{ input.amount > 100 }}", pieces }]);
  fireEvent.click(screen.getByRole("button", { name: "Changed config.condition of big" }));
  const [before, after] = [screen.getByLabelText("Before"), screen.getByLabelText("After")];
  expect([before.textContent, before.querySelector("del")?.textContent]).toEqual(["{{ input.amount > 10 }}", "10"]);
  expect([after.textContent, after.querySelector("ins")?.textContent]).toEqual(["{{ input.amount > 100 }}", "100"]);
});

test("what is only drawn elsewhere is folded away beneath what runs", () => {
  const bare = { path: "", before: null, after: null };
  show([
    { what: "moved", part: "node", id: "a", ...bare, path: "/position" },
    { what: "added", part: "node", id: "b", ...bare },
  ]);
  const folded = screen.getByText("One change is only drawn elsewhere").closest("details");
  expect(folded?.open).toBe(false);
  expect(folded?.textContent).toContain("Moved a");
  expect(folded?.textContent).not.toContain("Added node b");
});
