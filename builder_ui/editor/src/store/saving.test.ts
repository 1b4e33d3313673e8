import { clear, createStore, entries, set } from "idb-keyval";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft } from "@/api/types";
import { beginHistory } from "@/document/history";
import type { FlowDocument } from "@/document/types";
import { useEditor } from "./editor";
import { forgetWork, keptWork } from "./kept";
import { catchUp, flushSaving, openFlow } from "./opening";
import { useSaving } from "./saving";

/** A server with one draft that keeps to the contract: a stale revision is refused with 409. */
class DraftServer {
  draft: Draft;
  saves = 0;
  isDown = false;
  /** Saves arrive, and their answers are lost. */
  isMute = false;
  /** Each save comes twice, for the browser sends it again by itself; the answer to the second is what is heard. */
  isDoubled = false;
  /** What a save waits for before it is answered. */
  gate: Promise<void> = Promise.resolve();

  constructor(document: FlowDocument) {
    this.draft = { document, revision: 1, problems: [] };
  }

  answer = (_path: string | URL | Request, options: RequestInit = {}): Promise<Response> => {
    if (this.isDown) return Promise.reject(new TypeError("fetch failed"));
    if (options.method !== "PUT") return Promise.resolve(Response.json(this.draft));
    const body = JSON.parse(options.body as string) as Draft;
    if (body.revision !== this.draft.revision) {
      return Promise.resolve(Response.json({ title: "Stale", code: "stale_revision" }, { status: 409 }));
    }
    this.saves += 1;
    this.draft = { document: body.document, revision: body.revision + 1, problems: [] };
    const answer = this.isDoubled ? Response.json({ title: "Stale", code: "stale_revision" }, { status: 409 }) : Response.json(this.draft);
    return this.gate.then(() => {
      if (this.isMute) throw new TypeError("the line broke");
      return answer;
    });
  };

  /** Someone else saves. */
  saveElsewhere(change: (document: FlowDocument) => FlowDocument) {
    this.draft = { ...this.draft, document: change(this.draft.document), revision: this.draft.revision + 1 };
  }
}

const flow = (): FlowDocument => ({ dsl: 1, nodes: [{ id: "a", type: "log", config: { message: "hi" } }, { id: "b", type: "log" }], edges: [], notes: [] });
const rename = (id: string, label: string, gesture?: string) =>
  useEditor.getState().dispatch({ kind: "update_node", id, patch: { label } }, { key: "rename" }, gesture);
const labels = (document: FlowDocument) => document.nodes.map((node) => node.label ?? "");

let server: DraftServer;
let close: (() => void) | null = null;
const open = async (readOnly = false) => {
  close = await openFlow({ id: "f", name: "F" }, readOnly, new AbortController().signal);
};
const settled = () => vi.waitFor(() => expect(useSaving.getState().status).toBe("saved"), { timeout: 3_000 });

beforeEach(async () => {
  await forgetWork("f");
  await clear(store());
  localStorage.clear();
  server = new DraftServer(flow());
  vi.stubGlobal("fetch", server.answer);
});

afterEach(() => {
  close?.();
  close = null;
  vi.unstubAllGlobals();
});

test("what is typed is saved once it is quiet, in one go", async () => {
  await open();
  for (const label of ["C", "Ch", "Charge"]) rename("a", label, "typing");
  expect(useSaving.getState().status).toBe("unsaved");
  await settled();
  expect(server.saves).toBe(1);
  expect(labels(server.draft.document)).toEqual(["Charge", ""]);
});

test("a draft someone else saved meanwhile is merged per node, and nobody's work is lost", async () => {
  await open();
  server.saveElsewhere((document) => ({ ...document, nodes: document.nodes.map((node) => (node.id === "b" ? { ...node, label: "theirs" } : node)) }));
  rename("a", "mine");
  await settled();
  expect(labels(server.draft.document)).toEqual(["mine", "theirs"]);
  expect(labels(useEditor.getState().document)).toEqual(["mine", "theirs"]);
});

test("no undo takes back what someone else saved", async () => {
  await open();
  server.saveElsewhere((document) => ({ ...document, nodes: document.nodes.map((node) => (node.id === "b" ? { ...node, label: "theirs" } : node)) }));
  rename("a", "mine");
  await settled();
  useEditor.getState().undo();
  expect(labels(useEditor.getState().document)).toEqual(["", "theirs"]);
});

test("the same field changed by both keeps mine and says so", async () => {
  await open();
  server.saveElsewhere((document) => ({ ...document, nodes: document.nodes.map((node) => (node.id === "a" ? { ...node, label: "theirs" } : node)) }));
  rename("a", "mine");
  await settled();
  expect(labels(server.draft.document)[0]).toBe("mine");
  expect(useSaving.getState().conflicts).toEqual([{ of: "a", path: ["label"], mine: "mine", theirs: "theirs" }]);
});

test("a save that the browser sent twice is no conflict with what was typed meanwhile", async () => {
  await open();
  let goOn = (): void => undefined;
  server.gate = new Promise((resolve) => (goOn = resolve));
  server.isDoubled = true;
  rename("a", "hell", "typing");
  await vi.waitFor(() => expect(server.saves).toBe(1), { timeout: 3_000 });
  rename("a", "hello", "typing");
  server.isDoubled = false;
  goOn();
  await settled();
  expect(labels(server.draft.document)).toEqual(["hello", ""]);
  expect(useSaving.getState().conflicts).toEqual([]);
});

test("without a line the work is kept here, and sent when the line is back", async () => {
  await open();
  server.isDown = true;
  rename("a", "offline");
  await vi.waitFor(() => expect(useSaving.getState().status).toBe("offline"), { timeout: 3_000 });
  await vi.waitFor(async () => expect(labels((await keptWork("f")).own?.document ?? flow())).toEqual(["offline", ""]));
  server.isDown = false;
  window.dispatchEvent(new Event("online"));
  await settled();
  expect(labels(server.draft.document)).toEqual(["offline", ""]);
});

test("what is typed up to the moment the window closes is one step with what was typed and written down before", async () => {
  await open();
  server.isDown = true;
  rename("a", "hell", "typing");
  await vi.waitFor(async () => expect(labels((await keptWork("f")).own?.document ?? flow())).toEqual(["hell", ""]));
  rename("a", "hello", "typing");
  window.dispatchEvent(new Event("pagehide"));
  close?.();
  server.isDown = false;
  await open();
  expect(labels(useEditor.getState().document)).toEqual(["hello", ""]);
  useEditor.getState().undo();
  expect(labels(useEditor.getState().document)).toEqual(["", ""]);
  await settled();
});

test("a reload before the save loses nothing, neither the work nor its undo", async () => {
  await open();
  server.isDown = true;
  rename("a", "typed");
  await vi.waitFor(async () => expect(labels((await keptWork("f")).own?.document ?? flow())).toEqual(["typed", ""]));
  close?.();
  server.isDown = false;
  await open();
  expect(labels(useEditor.getState().document)).toEqual(["typed", ""]);
  await settled();
  expect(labels(server.draft.document)).toEqual(["typed", ""]);
  useEditor.getState().undo();
  expect(labels(useEditor.getState().document)).toEqual(["", ""]);
});

const closedWindow = (document: FlowDocument, revision = 1) => ({ base: flow(), revision, document, history: beginHistory(document) });
const store = () => createStore("mulgil", "work");

test("what a closed window had not saved is brought back, can be taken back, and is forgotten there", async () => {
  const theirs = flow();
  await set("f/closed", closedWindow({ ...theirs, nodes: theirs.nodes.map((node) => (node.id === "b" ? { ...node, label: "unsaved" } : node)) }), store());
  await open();
  rename("a", "mine");
  await settled();
  expect(labels(server.draft.document)).toEqual(["mine", "unsaved"]);
  await vi.waitFor(async () => expect((await entries(store())).map(([key]) => key)).not.toContain("f/closed"));
  useEditor.getState().undo();
  useEditor.getState().undo();
  expect(labels(useEditor.getState().document)).toEqual(["", ""]);
});

test("what a window took down in its last moment is brought back upon what it had written", async () => {
  const last = { base: flow(), revision: 1, document: { ...flow(), nodes: [{ id: "a", type: "log", label: "last word" }] } };
  localStorage.setItem("mulgil.last.f/gone", JSON.stringify(last));
  await open();
  expect(labels(useEditor.getState().document)).toEqual(["last word"]);
  expect(localStorage.getItem("mulgil.last.f/gone")).toBeNull();
});

test("a flow left while it was read neither opens nor closes the one opened after it", async () => {
  const left = new AbortController();
  let answer: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (answer = resolve));
  vi.stubGlobal("fetch", async (path: string, options?: RequestInit) => {
    if (path.includes("/slow/")) await slow;
    return server.answer(path, options);
  });
  const late = openFlow({ id: "slow", name: "Slow" }, false, left.signal);
  left.abort();
  await open();
  answer();
  (await late)();
  expect(useEditor.getState().flow?.id).toBe("f");
});

test("a viewer never writes", async () => {
  await open(true);
  rename("a", "no");
  expect(labels(useEditor.getState().document)).toEqual(["", ""]);
  expect(server.saves).toBe(0);
});

test("a flow that is left while it is being saved is not overwritten with what is open next", async () => {
  await open();
  let answer = (): void => undefined;
  server.gate = new Promise((resolve) => {
    answer = resolve;
  });
  rename("a", "first", "typing");
  await vi.waitFor(() => expect(server.saves).toBe(1), { timeout: 3_000 });
  rename("a", "first and more", "typing");
  close?.();
  close = null;
  answer();
  await vi.waitFor(() => expect(server.saves).toBe(2), { timeout: 3_000 });
  expect(labels(server.draft.document)).toEqual(["first and more", ""]);
  expect((await keptWork("f")).own?.document).toEqual(server.draft.document);
});

test("a save that arrived although its answer was lost is no conflict, and can be undone", async () => {
  await open();
  server.isMute = true;
  rename("a", "typed", "typing");
  await vi.waitFor(() => expect(useSaving.getState().status).toBe("offline"), { timeout: 3_000 });
  expect(server.saves).toBe(1);
  rename("a", "typed on", "typing");
  server.isMute = false;
  window.dispatchEvent(new Event("online"));
  await settled();
  expect(labels(server.draft.document)).toEqual(["typed on", ""]);
  expect(useSaving.getState().conflicts).toEqual([]);
  useEditor.getState().undo();
  expect(labels(useEditor.getState().document)).toEqual(["", ""]);
});

test("many who want it saved at once make one save", async () => {
  await open();
  rename("a", "typed");
  await Promise.all([flushSaving(), flushSaving(), flushSaving()]);
  expect(server.saves).toBe(1);
  expect(useSaving.getState().conflicts).toEqual([]);
});

test("what someone else saved arrives by itself and leaves nothing to save", async () => {
  await open();
  server.saveElsewhere((document) => ({ ...document, nodes: [...document.nodes, { id: "c", type: "log", label: "theirs" }] }));
  await catchUp("f", server.draft.revision);
  expect(labels(useEditor.getState().document)).toEqual(["", "", "theirs"]);
  await flushSaving();
  expect(server.saves).toBe(0);
});

test("what someone saves arrives at whoever may only look, too", async () => {
  await open(true);
  server.saveElsewhere((document) => ({ ...document, nodes: [...document.nodes, { id: "c", type: "log", label: "theirs" }] }));
  await catchUp("f", server.draft.revision);
  expect(labels(useEditor.getState().document)).toEqual(["", "", "theirs"]);
});

test("a server that was set back to an older draft is met, not fought", async () => {
  await open();
  server.draft = { ...server.draft, revision: 0 };
  rename("a", "mine");
  await settled();
  expect(labels(server.draft.document)).toEqual(["mine", ""]);
  expect(server.draft.revision).toBe(1);
});

test("work that isn't saved is at no moment of opening it called saved", async () => {
  await open();
  server.isDown = true;
  rename("a", "kept here");
  await vi.waitFor(async () => expect((await keptWork("f")).own?.document.nodes[0]?.label).toBe("kept here"));
  close?.();
  server.isDown = false;
  let answer = (): void => undefined;
  server.gate = new Promise((resolve) => (answer = resolve));
  const seen: string[] = [];
  const end = useSaving.subscribe(({ status }) => seen.push(status));
  await open();
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).not.toContain("saved");
  answer();
  await settled();
  end();
});
