import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { useSelected } from "./useSelected";

const { select } = useEditor.getState();
const { hold } = useView.getState();

beforeEach(() => {
  select({ nodes: [] });
  hold(false);
});

test("what is selected is told at once", () => {
  const { result } = renderHook(useSelected);
  act(() => select({ nodes: ["a"] }));
  expect(result.current.nodes).toEqual(["a"]);
});

test("while cards are carried it is what was selected before they were taken, afterwards what is selected by then", () => {
  const { result } = renderHook(useSelected);
  act(() => select({ nodes: ["a"] }));
  act(() => {
    select({ nodes: ["b"] });
    hold(true);
  });
  expect(result.current.nodes).toEqual(["a"]);
  act(() => select({ nodes: ["b", "c"] }));
  expect(result.current.nodes).toEqual(["a"]);
  act(() => hold(false));
  expect(result.current.nodes).toEqual(["b", "c"]);
  act(() => select({ nodes: [] }));
  expect(result.current.nodes).toEqual([]);
});
