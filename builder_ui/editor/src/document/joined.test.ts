import { expect, test } from "vitest";
import { beginHistory, present, recorded, undone } from "./history";
import { joined } from "./joined";
import type { DocumentNode, FlowDocument } from "./types";

const flow = (nodes: DocumentNode[], edges: FlowDocument["edges"] = []): FlowDocument => ({ dsl: 1, nodes, edges, notes: [] });
const start: DocumentNode = { id: "start", type: "trigger.manual" };
const base = flow([start]);
const label = { key: "commands.edit.add" };

test("a node that both added under one id stands twice, mine under another id, with all that refers to it", () => {
  const mine = flow(
    [start, { id: "log", type: "log", config: { message: "mine" } }, { id: "set", type: "data.set", config: { x: "{{ nodes.log.a }}" } }],
    [{ from: "start", to: "log" }, { from: "log", to: "set" }],
  );
  const theirs = flow([start, { id: "log", type: "log", config: { message: "theirs" } }], [{ from: "start", to: "log" }]);
  const { history, names, conflicts } = joined([base], recorded(beginHistory(base), mine, label), theirs, {});
  const document = present(history);
  expect(document.nodes.map((node) => [node.id, Object.values(node.config ?? {})[0]])).toEqual([
    ["start", undefined],
    ["log_2", "mine"],
    ["set", "{{ nodes.log_2.a }}"],
    ["log", "theirs"],
  ]);
  expect(document.edges).toEqual([{ from: "start", to: "log_2" }, { from: "log_2", to: "set" }, { from: "start", to: "log" }]);
  expect([...names]).toEqual([["log", "log_2"]]);
  expect(conflicts).toEqual([]);
  expect(present(undone(history))).toEqual(theirs);
});

test("a note of one id on both sides stands twice", () => {
  const note = (text: string) => ({ id: "note", text, position: { x: 0, y: 0 } });
  const { history } = joined([base], recorded(beginHistory(base), { ...base, notes: [note("mine")] }, label), { ...base, notes: [note("theirs")] }, {});
  expect(present(history).notes?.map((each) => each.text)).toEqual(["mine", "theirs"]);
});
