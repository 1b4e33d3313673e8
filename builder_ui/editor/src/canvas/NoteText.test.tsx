import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { NoteText } from "./NoteText";

afterEach(cleanup);

test("a link in a note leads to another window, which learns nothing of this one; its words may be marked lines", () => {
  render(<NoteText source={"# See [the manual](https://manual.example/a?b=1)\n- mail [us](mailto:ops@shop.example)"} />);
  const link = screen.getByRole("link", { name: "the manual" });
  expect([link.getAttribute("href"), link.getAttribute("target"), link.getAttribute("rel"), link.getAttribute("title")]).toEqual([
    "https://manual.example/a?b=1", "_blank", "noopener noreferrer", "https://manual.example/a?b=1",
  ]);
  expect(link.closest("strong")).not.toBeNull();
  expect(screen.getByRole("link", { name: "us" }).getAttribute("href")).toBe("mailto:ops@shop.example");
});

test("what would run stays text, as it was written", () => {
  const hostile = "[press](javascript:alert(1)) [or](data:text/html,<script>1</script>) <a href=x>this</a>";
  const { container } = render(<NoteText source={hostile} />);
  expect(screen.queryAllByRole("link")).toEqual([]);
  expect(container.textContent).toBe(hostile);
});
