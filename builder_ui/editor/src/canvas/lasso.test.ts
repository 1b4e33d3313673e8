import { beforeEach, expect, test } from "vitest";
import { NOTHING } from "@/document/selection";
import { useEditor } from "@/store/editor";
import { lassoBegins, lassoEnds, lassoNever, lassoTakes } from "./lasso";

const one = { ...NOTHING, nodes: ["one"], notes: ["n"] };
const two = { ...NOTHING, nodes: ["two"], edges: ["one:out>two"] };

beforeEach(() => {
  const nodes = ["one", "two"].map((id) => ({ id, type: "log" }));
  useEditor.setState({ document: { dsl: 1, nodes, edges: [{ from: "one", to: "two" }], notes: [{ id: "n", text: "", position: { x: 0, y: 0 } }] }, selection: one });
});

test("a lasso takes what it goes around, and with a key what was chosen before it too", () => {
  lassoBegins(false);
  expect(lassoTakes(two)).toEqual(two);
  lassoEnds();
  lassoBegins(true);
  expect(lassoTakes(NOTHING)).toEqual(one);
  expect(lassoTakes(two)).toEqual({ nodes: ["one", "two"], notes: ["n"], edges: ["one:out>two"] });
  lassoEnds();
  expect(lassoTakes(two)).toEqual(two);
});

test("a lasso that is taken back chooses what was chosen before it, without what is gone since", () => {
  lassoBegins(false);
  useEditor.setState(({ document }) => ({ document: { ...document, notes: [] } }));
  expect(lassoNever()).toEqual({ ...NOTHING, nodes: ["one"] });
});
