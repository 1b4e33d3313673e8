import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NodeType } from "@/api/types";
import { edgeKey, type FlowDocument } from "@/document/types";
import { speak, t } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView, type CanvasHandle } from "@/store/view";
import { COMMANDS, commandById, listen, perform, stateNow } from ".";
import { fitsAt, insertNode, placeFor, wiringFrom } from "./inserting";
import { chordOf } from "./keyboard";

const type = (name: string, over: Partial<NodeType> = {}): NodeType => ({
  name, role: "task", label: name, ports: ["out"], effect: "pure", credential: null, category: "data", description: "", icon: "box",
  schema: {}, verbatim: [], per_item: {}, output_schema: null, docs: "", example: null, summary: "", labels: {}, ...over,
});
const types = [type("log"), type("flow.if", { ports: ["true", "false"] }), type("trigger.manual", { role: "trigger" }), type("flow.for_each", { role: "container" })];

const flow: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "a", type: "flow.if", position: { x: 300, y: 0 } },
    { id: "b", type: "log", position: { x: 600, y: 0 } },
    { id: "c", type: "log", position: { x: 600, y: 200 } },
  ],
  edges: [{ from: "start", to: "a" }, { from: "a", port: "true", to: "b" }],
  notes: [],
};

const keys = () => useEditor.getState().document.edges.map(edgeKey);
const press = (code: string, init: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { code, key: code.replace(/^Key|^Digit/, ""), bubbles: true, cancelable: true, ...init }));

let end: () => void;
beforeEach(async () => {
  await speak("en");
  useEditor.getState().setCatalogue(types);
  useEditor.getState().open({ id: "f", name: "F", document: flow, readOnly: false });
  end = listen();
});
afterEach(() => end());

describe("the list of commands", () => {
  test("every command is called something in both languages", async () => {
    for (const language of ["en", "ko"] as const) {
      await speak(language);
      for (const command of COMMANDS) expect(t(command.label)).not.toBe(command.label);
    }
  });

  test("no two commands share an id, and Tab is nobody's", () => {
    expect(new Set(COMMANDS.map((command) => command.id)).size).toBe(COMMANDS.length);
    expect(COMMANDS.flatMap((command) => command.keys).filter((chord) => /(^|\+)Tab$/.test(chord))).toEqual([]);
  });

  test("two commands share a key only where the first gives way: Escape narrows the inspector, then leaves the selection, the past, the run", () => {
    const chords = COMMANDS.flatMap((command) => command.keys);
    expect(chords.filter((chord, at) => chords.indexOf(chord) !== at)).toEqual(["Escape", "Escape", "Escape"]);
  });

  test("a viewer may look and walk, and change nothing", () => {
    useEditor.getState().open({ id: "f", name: "F", document: flow, readOnly: true });
    useEditor.getState().select({ nodes: ["b"] });
    for (const id of ["delete", "duplicate", "cut", "paste", "insert", "note", "tidy", "rename", "undo"]) expect(commandById(id).when(stateNow())).toBe(false);
    expect(commandById("select-all").when(stateNow())).toBe(true);
  });
});

describe("keys", () => {
  test("Escape narrows a wide inspector, which is remembered, before it lets go of the node", () => {
    useEditor.getState().select({ nodes: ["b"] });
    void commandById("wide").perform(stateNow());
    expect(localStorage.getItem("mulgil.wide")).toBe("1");
    press("Escape", { key: "Escape" });
    expect([stateNow().view.wide, localStorage.getItem("mulgil.wide"), stateNow().editor.selection.nodes]).toEqual([false, "0", ["b"]]);
    press("Escape", { key: "Escape" });
    expect(stateNow().editor.selection.nodes).toEqual([]);
  });

  test("Escape leaves a field of the inspector first; what opens a list keeps it for that", () => {
    useEditor.getState().select({ nodes: ["b"] });
    useView.getState().setWide(true);
    document.body.innerHTML = '<div data-region="inspector"><input id="plain"><input id="list" aria-haspopup="listbox"></div>';
    const [plain, list] = [...document.querySelectorAll("input")];
    list?.focus();
    press("Escape", { key: "Escape" }, list);
    expect(document.activeElement).toBe(list);
    plain?.focus();
    press("Escape", { key: "Escape" }, plain);
    expect([document.activeElement, stateNow().view.wide]).toEqual([document.body, true]);
    press("Escape", { key: "Escape" });
    expect(stateNow().view.wide).toBe(false);
    document.body.innerHTML = "";
  });

  test("Escape that closes a dialog does nothing behind it, though the dialog is gone before the key comes there", () => {
    useEditor.getState().select({ nodes: ["b"] });
    document.body.innerHTML = '<div role="dialog" aria-modal="true"></div>';
    window.addEventListener("keydown", () => (document.body.innerHTML = ""), { capture: true, once: true });
    press("Escape", { key: "Escape" });
    expect([document.body.innerHTML, stateNow().editor.selection.nodes]).toEqual(["", ["b"]]);
    press("Escape", { key: "Escape" });
    expect(stateNow().editor.selection.nodes).toEqual([]);
  });

  test("are told by their place, so that they work on a Korean keyboard", () => {
    expect(chordOf(new KeyboardEvent("keydown", { code: "KeyZ", key: "ㅋ", ctrlKey: true, shiftKey: true }))).toBe("Mod+Shift+Z");
    expect(chordOf(new KeyboardEvent("keydown", { code: "Slash", key: "?", shiftKey: true }))).toBe("?");
  });

  test("in a text field belong to the text", () => {
    const field = document.body.appendChild(document.createElement("input"));
    useEditor.getState().select({ nodes: ["b"] });
    press("Delete", { key: "Delete" }, field);
    expect(useEditor.getState().document.nodes).toHaveLength(4);
    press("Delete", { key: "Delete" });
    expect(useEditor.getState().document.nodes).toHaveLength(3);
    field.remove();
  });

  test("in a text field Ctrl-Z undoes the text alone, as the browser does", () => {
    const field = document.body.appendChild(document.createElement("textarea"));
    useEditor.getState().select({ nodes: ["b"] });
    perform(commandById("delete"));
    const undone = new KeyboardEvent("keydown", { code: "KeyZ", key: "z", ctrlKey: true, bubbles: true, cancelable: true });
    field.dispatchEvent(undone);
    expect(undone.defaultPrevented).toBe(false);
    expect(useEditor.getState().document.nodes).toHaveLength(3);
    field.remove();
  });

  test("what leads to the selection is selected, what it leads to, and both", () => {
    const selected = (key: string): string[] => {
      useEditor.getState().select({ nodes: ["a"] });
      press(key, { key, altKey: true });
      return [...useEditor.getState().selection.nodes].sort();
    };
    expect(selected("ArrowLeft")).toEqual(["a", "start"]);
    expect(selected("ArrowRight")).toEqual(["a", "b"]);
    expect(selected("ArrowDown")).toEqual(["a", "b", "start"]);
  });

  test("Ctrl-Delete deletes and reconnects; Ctrl-Z takes both back in one step", () => {
    useEditor.getState().select({ nodes: ["a"] });
    press("Delete", { key: "Delete", ctrlKey: true });
    expect(keys()).toEqual(["start:out>b"]);
    press("KeyZ", { ctrlKey: true });
    expect(useEditor.getState().document).toBe(flow);
  });

  test("arrows walk to the neighbour, with Shift the selection grows", () => {
    useEditor.getState().select({ nodes: ["start"] });
    press("ArrowRight", { key: "ArrowRight" });
    expect(useEditor.getState().selection.nodes).toEqual(["a"]);
    press("ArrowRight", { key: "ArrowRight", shiftKey: true });
    expect(useEditor.getState().selection.nodes).toEqual(["a", "b"]);
  });
});

describe("inserting", () => {
  test("wires to the selection's first free port and stands to its right", () => {
    useEditor.getState().select({ nodes: ["a"] });
    const from = wiringFrom(stateNow());
    expect(from).toEqual({ node: "a", port: "false" });
    const id = insertNode(stateNow(), "log", { canvas: { x: 620, y: 0 }, ...(from ? { from } : {}) });
    expect(keys()).toContain(`a:false>${id}`);
    expect(useEditor.getState().selection.nodes).toEqual([id]);
  });

  test("with nothing selected wires to the only end there is, and a trigger still goes where the hand is", () => {
    const hand = { x: 40, y: 400 };
    const [start] = flow.nodes;
    const [log, trigger] = [types[0], types[2]];
    if (start === undefined || log === undefined || trigger === undefined) throw new Error("the flow of this test begins with a trigger");
    useEditor.getState().open({ id: "f", name: "F", document: { ...flow, nodes: [start], edges: [] }, readOnly: false });
    const at = placeFor(stateNow(), hand);
    expect(at).toEqual({ canvas: { x: 304, y: 0 }, from: { node: "start", port: "out" }, unwired: hand });
    expect([fitsAt(log, at), fitsAt(trigger, at)]).toEqual([true, true]);
    expect(insertNode(stateNow(), "trigger.manual", at)).toBe("manual");
    expect([useEditor.getState().document.nodes.at(-1)?.position, keys()]).toEqual([hand, []]);
    useEditor.getState().undo();
    useEditor.getState().select({});
    insertNode(stateNow(), "log", placeFor(stateNow(), hand));
    expect(keys()).toEqual(["start:out>log"]);
    useEditor.getState().select({});
    expect(placeFor(stateNow(), hand).from).toEqual({ node: "log", port: "out" });
  });

  test("with nothing selected is wired to nothing where several ends are free, or where an arrow is selected", () => {
    const hand = { x: 40, y: 400 };
    expect(placeFor(stateNow(), hand)).toEqual({ canvas: hand });
    const undone: FlowDocument = { ...flow, nodes: flow.nodes.filter(({ id }) => id !== "a"), edges: [{ from: "start", to: "b" }, { from: "b", port: "compensate", to: "c" }] };
    useEditor.getState().open({ id: "f", name: "F", document: undone, readOnly: false });
    expect(placeFor(stateNow(), hand).from).toEqual({ node: "b", port: "out" });
    useEditor.getState().select({ edges: ["start:out>b"] });
    expect(placeFor(stateNow(), hand)).toEqual({ canvas: hand });
  });

  test("into an arrow it makes room for itself, in one step", () => {
    const id = insertNode(stateNow(), "log", { canvas: { x: 400, y: 0 }, edge: "a:true>b" });
    expect(keys()).toEqual(expect.arrayContaining([`a:true>${id}`, `${id}:out>b`]));
    const places = new Map(useEditor.getState().document.nodes.map((node) => [node.id, node.position?.x ?? 0]));
    expect((places.get("b") ?? 0) - (places.get(id ?? "") ?? 0)).toBeGreaterThanOrEqual(300);
    useEditor.getState().undo();
    expect(useEditor.getState().document).toBe(flow);
  });

  test("where a node stands already, the new one stands in the next free place", () => {
    const id = insertNode(stateNow(), "log", { canvas: { x: 320, y: 16 } });
    const place = useEditor.getState().document.nodes.find((node) => node.id === id)?.position;
    expect(place?.x).toBe(320);
    expect(place?.y).toBeGreaterThanOrEqual(88);
  });

  test("a trigger is never wired behind anything", () => {
    const id = insertNode(stateNow(), "trigger.manual", { canvas: { x: 0, y: 300 }, from: { node: "b", port: "out" } });
    expect(id).toBe("manual");
    expect(keys()).toHaveLength(2);
  });
});

test("copy and paste go through the clipboard's own events, as document JSON", () => {
  useEditor.getState().select({ nodes: ["a", "b"] });
  const clip = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: clip, bubbles: true, cancelable: true }));
  expect(JSON.parse(clip.getData("text/plain"))).toMatchObject({ mulgil: 1, edges: [{ from: "a", port: "true", to: "b" }] });
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clip, bubbles: true, cancelable: true }));
  expect(useEditor.getState().document.nodes.map((node) => node.id)).toEqual(["start", "a", "b", "c", "a_2", "b_2"]);
  expect(keys()).toContain("a_2:true>b_2");
});

test("a node of a type that isn't installed here is pasted with all it holds, and copied on as it came", () => {
  const strange = { id: "x", type: "elsewhere.thing", label: "Strange", config: { deep: [{ kept: true }] } };
  const clip = new DataTransfer();
  clip.setData("text/plain", JSON.stringify({ mulgil: 1, nodes: [strange], edges: [], notes: [], pins: { x: 7 } }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clip, bubbles: true, cancelable: true }));
  expect(useEditor.getState().document.nodes.at(-1)).toMatchObject(strange);
  expect(useEditor.getState().document.pins).toEqual({ x: 7 });
  const out = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: out, bubbles: true, cancelable: true }));
  expect(JSON.parse(out.getData("text/plain"))).toMatchObject({ nodes: [strange], pins: { x: 7 } });
});

test("a command that may not be given now is not", () => {
  useEditor.getState().select({});
  const say = vi.spyOn(useView.getState(), "say");
  expect(perform(commandById("delete"))).toBe(false);
  expect(perform(commandById("undo"))).toBe(false);
  expect(say).not.toHaveBeenCalled();
});

test("a name is typed in one place: on the card where it can be read, and else in the inspector", () => {
  const seen: string[] = [];
  const canvas = { isReadable: () => true, reveal: (id: string) => seen.push(id) } as unknown as CanvasHandle;
  useEditor.getState().select({ nodes: ["a"] });
  useView.getState().setCanvas(canvas);
  press("F2");
  expect(useEditor.getState()).toMatchObject({ renaming: "a", renamingIn: "canvas" });
  expect(seen).toEqual(["a"]);
  useEditor.getState().setRenaming(null);
  useView.getState().setCanvas({ ...canvas, isReadable: () => false });
  press("F2");
  expect(useEditor.getState()).toMatchObject({ renaming: "a", renamingIn: "inspector" });
  useView.getState().setCanvas(null);
});
