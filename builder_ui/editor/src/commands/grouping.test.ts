import { afterEach, beforeEach, expect, test } from "vitest";
import type { NodeType } from "@/api/types";
import { groupsOf } from "@/document/groups";
import type { FlowDocument } from "@/document/types";
import { speak } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { boxesInHand } from "./editing";
import { commandById, listen, perform, stateNow } from ".";

const types = [{ name: "log", role: "task", ports: ["out"], verbatim: [], schema: {} } as unknown as NodeType];
const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "a", type: "log", position: { x: 0, y: 0 } },
    { id: "b", type: "log", position: { x: 320, y: 0 } },
    { id: "c", type: "log", position: { x: 0, y: 400 } },
    { id: "far", type: "log", position: { x: 9_000, y: 0 } },
  ],
  edges: [{ from: "a", to: "b" }],
  notes: [],
};
const now = () => useEditor.getState();
const press = (code: string, init: KeyboardEventInit = {}) =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { code, key: code.replace(/^Key/, ""), bubbles: true, cancelable: true, ...init }));
const note = () => now().document.notes?.[0];
const place = (id: string) => now().document.nodes.find((node) => node.id === id)?.position;

let end: () => void;
beforeEach(async () => {
  await speak("en");
  now().setCatalogue(types);
  now().open({ id: "f", name: "F", document: flow, readOnly: false });
  end = listen();
});
afterEach(() => end());

function grouped(): void {
  now().select({ nodes: ["a", "b"] });
  press("KeyG", { ctrlKey: true });
  now().setRenaming(null);
}

test("Ctrl-G puts a frame around what is selected and asks for its name; Ctrl-Z takes it away in one step", () => {
  now().select({ nodes: ["a", "b"] });
  press("KeyG", { ctrlKey: true });
  expect(note()).toEqual({ id: "group_1", text: "", color: "blue", position: { x: -24, y: -40 }, width: 592, height: 152 });
  expect([now().renaming, now().selection.notes]).toEqual(["group_1", ["group_1"]]);
  expect(now().document.nodes).toEqual(flow.nodes);
  press("KeyZ", { ctrlKey: true });
  expect(now().document).toBe(flow);
});

test("Ctrl-Shift-G takes the frame away, from within too, and leaves what it held in the hand", () => {
  grouped();
  press("KeyG", { ctrlKey: true, shiftKey: true });
  expect([note(), now().selection.nodes]).toEqual([undefined, ["a", "b"]]);
  grouped();
  now().select({ nodes: ["b"] });
  press("KeyG", { ctrlKey: true, shiftKey: true });
  expect([note(), now().document.nodes.length]).toEqual([undefined, 4]);
  expect(commandById("ungroup").when(stateNow())).toBe(false);
});

test("a group moves with what lies on it, by keys and when it is brought into line, and comes back in one step", async () => {
  grouped();
  press("ArrowDown", { key: "ArrowDown", ctrlKey: true });
  expect([note()?.position, place("a"), place("b"), place("c")]).toEqual([{ x: -24, y: -32 }, { x: 0, y: 8 }, { x: 320, y: 8 }, { x: 0, y: 400 }]);
  press("KeyZ", { ctrlKey: true });
  now().select({ nodes: ["a", "c"], notes: ["group_1"] });
  await commandById("align-left").perform(stateNow());
  // `a` lies on the group and goes with it: only the group and `c` are brought into line.
  expect([note()?.position.x, place("a")?.x, place("c")?.x]).toEqual([-24, 0, -24]);
});

test("it is copied, cut, pasted and duplicated with its nodes and their arrows; deleted, it leaves them", () => {
  grouped();
  const clip = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: clip, bubbles: true, cancelable: true }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clip, bubbles: true, cancelable: true }));
  expect([now().document.nodes.length, now().document.edges.length, now().document.notes?.length]).toEqual([6, 2, 2]);
  document.dispatchEvent(new ClipboardEvent("cut", { clipboardData: clip, bubbles: true, cancelable: true }));
  expect([now().document.nodes.length, now().document.edges.length, now().document.notes?.length]).toEqual([4, 1, 1]);
  now().select({ notes: ["group_1"] });
  perform(commandById("duplicate"));
  expect([now().document.nodes.length, now().document.notes?.length]).toEqual([6, 2]);
  const boxes = boxesInHand(stateNow());
  // Each group holds its own two: the copy went where no node stands.
  expect([...groupsOf(now().document, boxes).values()].map((nodes) => nodes.length)).toEqual([2, 2]);
  now().select({ notes: ["group_1"] });
  perform(commandById("delete"));
  expect([now().document.nodes.length, now().document.notes?.length]).toEqual([6, 1]);
});

test("what stands too far apart is not grouped, and it is said why", () => {
  now().select({ nodes: ["a", "far"] });
  press("KeyG", { ctrlKey: true });
  expect([note(), useView.getState().notice?.key]).toEqual([undefined, "canvas.group.tooFar"]);
  expect(commandById("group").when(stateNow())).toBe(true);
  now().select({});
  expect(commandById("group").when(stateNow())).toBe(false);
});

test("a note is renamed by F2 and takes its next colour by Shift-C: one step however often it is pressed", () => {
  grouped();
  press("F2");
  expect(now().renaming).toBe("group_1");
  now().setRenaming(null);
  press("KeyC", { shiftKey: true });
  press("KeyC", { shiftKey: true });
  expect(note()?.color).toBe("pink");
  press("KeyZ", { ctrlKey: true });
  expect(note()?.color).toBe("blue");
});

test("a viewer groups nothing", () => {
  now().open({ id: "f", name: "F", document: flow, readOnly: true });
  now().select({ nodes: ["a"] });
  expect(["group", "ungroup", "note-color"].map((id) => commandById(id).when(stateNow()))).toEqual([false, false, false]);
});
