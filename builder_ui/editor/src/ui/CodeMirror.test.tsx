import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { EditorView } from "@codemirror/view";
import { expect, test } from "vitest";
import CodeMirror from "./CodeMirror";

test("a text that comes from outside is shown and not told as an edit; one that is typed is", () => {
  const told: string[] = [];
  const at = (value: string) => (
    <MantineProvider env="test">
      <CodeMirror value={value} onChange={(next) => told.push(next)} language="text" label="Message" />
    </MantineProvider>
  );
  const { container, rerender } = render(at("before"));
  rerender(at("undone"));
  const view = EditorView.findFromDOM(container);
  expect(view?.state.doc.toString()).toBe("undone");
  expect(told).toEqual([]);
  view?.dispatch({ changes: { from: 6, insert: "!" } });
  expect(told).toEqual(["undone!"]);
});
