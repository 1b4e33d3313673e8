import { expect, test } from "vitest";
import { beginHistory, present, recorded, undone } from "@/document/history";
import type { DocumentNode, FlowDocument } from "@/document/types";
import { standing } from "./opening";

const flow = (...nodes: DocumentNode[]): FlowDocument => ({ dsl: 1, nodes, edges: [], notes: [] });
const start: DocumentNode = { id: "start", type: "trigger.manual" };
const first = flow(start);
const second = flow(start, { id: "a", type: "log" });
const label = { key: "commands.edit.add" };
const history = recorded(beginHistory(first), second, label);
const work = { base: first, revision: 1, document: second, history };

const copy = (document: FlowDocument): FlowDocument => JSON.parse(JSON.stringify(document)) as FlowDocument;

test("a save whose answer was lost is still one's own and can be undone", () => {
  const opened = standing({ document: copy(second), revision: 2, problems: [] }, work);
  expect(opened.document).toEqual(second);
  expect(opened.history && present(undone(opened.history))).toEqual(first);
});

test("another's change stays although one's own is undone", () => {
  const theirs = flow(start, { id: "b", type: "log" });
  const opened = standing({ document: theirs, revision: 2, problems: [] }, work);
  expect(opened.document.nodes.map((node) => node.id).sort()).toEqual(["a", "b", "start"]);
  expect(opened.history && present(undone(opened.history)).nodes.map((node) => node.id).sort()).toEqual(["b", "start"]);
});
