import { afterEach, expect, test, vi } from "vitest";
import { beginHistory, present, recorded, undone } from "@/document/history";
import type { DocumentNode, FlowDocument } from "@/document/types";
import { useEditor } from "./editor";
import { catchUp, openFlow, standing } from "./opening";

const flow = (...nodes: DocumentNode[]): FlowDocument => ({ dsl: 1, nodes, edges: [], notes: [] });
const start: DocumentNode = { id: "start", type: "trigger.manual" };
const first = flow(start);
const second = flow(start, { id: "a", type: "log" });
const label = { key: "commands.edit.add" };
const history = recorded(beginHistory(first), second, label);
const work = { base: first, revision: 1, document: second, history, sent: [second] };

afterEach(() => vi.unstubAllGlobals());

const copy = (document: FlowDocument): FlowDocument => JSON.parse(JSON.stringify(document)) as FlowDocument;

test("a save whose answer was lost is still one's own and can be undone", () => {
  const opened = standing({ document: copy(second), revision: 2, problems: [] }, work);
  expect(present(opened.history)).toEqual(second);
  expect(present(undone(opened.history))).toEqual(first);
});

test("another's change stays although one's own is undone", () => {
  const theirs = flow(start, { id: "b", type: "log" });
  const opened = standing({ document: theirs, revision: 2, problems: [] }, work);
  expect(present(opened.history).nodes.map((node) => node.id).sort()).toEqual(["a", "b", "start"]);
  expect(present(undone(opened.history)).nodes.map((node) => node.id).sort()).toEqual(["b", "start"]);
});

test("another who takes back what was saved here is not undone by opening", () => {
  const clean = { base: second, revision: 2, document: second, history };
  const opened = standing({ document: copy(first), revision: 3, problems: [] }, clean);
  expect(present(opened.history)).toEqual(first);
});

test("a save sent in mid-typing whose answer was lost is no conflict with what was typed after it", () => {
  const typed = (text: string) => flow(start, { id: "a", type: "log", label: text });
  const gesture = recorded(recorded(beginHistory(first), typed("ab"), label, "typing"), typed("abc"), label, "typing");
  const opened = standing({ document: copy(typed("ab")), revision: 2, problems: [] }, { base: first, revision: 1, document: typed("abc"), history: gesture, sent: [typed("ab")] });
  expect(opened.conflicts).toEqual([]);
  expect(present(opened.history)).toEqual(typed("abc"));
  expect(present(undone(opened.history))).toEqual(first);
});

test("the page of a run keeps the document the run goes by, whatever becomes of the draft", async () => {
  const asked = vi.fn(() => Promise.resolve(Response.json({ document: second, revision: 2, problems: [] })));
  vi.stubGlobal("fetch", asked);
  const close = await openFlow({ id: "f", name: "F" }, true, new AbortController().signal);
  await catchUp("f", 3);
  expect(asked, "a viewer's editor takes the draft in").toHaveBeenCalledTimes(2);
  close();
  useEditor.getState().open({ id: "f", name: "F", document: first, readOnly: true });
  await catchUp("f", 4);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(useEditor.getState().document).toBe(first);
});
