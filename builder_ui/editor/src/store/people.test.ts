import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Here, Peer } from "@/api/notices";
import { useEditor } from "./editor";
import { bePresent, personsOf, pointAt, usePeople } from "./people";

const peer = (key: string, person: number, ...selected: string[]): Peer => ({
  key, person, name: `p${person}`, initials: "P", colour: person, writes: true, selected, pointer: null,
});
const hear = (here: Peer[], gone: string[] = []) => usePeople.getState().hear(here, gone);
const at = (node: string) => usePeople.getState().byNode.get(node);

let said: Here[];
let presence: ReturnType<typeof bePresent>;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  useEditor.getState().open({ id: "f", name: "F", readOnly: false, document: { dsl: 1, nodes: [{ id: "a", type: "log" }, { id: "b", type: "log" }], edges: [] } });
  presence = bePresent((here) => said.push(here));
});

afterEach(() => {
  presence.leave();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTime(1_000);

test("an open line is told at once where one is, and later whenever that changes", () => {
  useEditor.getState().select({ nodes: ["a"] });
  settle();
  expect(said).toEqual([]);
  presence.onLine(true);
  expect(said).toEqual([{ selected: ["a"], pointer: null }]);
  useEditor.getState().select({ nodes: ["b"] });
  useEditor.getState().select({ nodes: ["a", "b"] });
  settle();
  useEditor.getState().select({ nodes: ["a", "b"] });
  settle();
  expect(said.slice(1)).toEqual([{ selected: ["a", "b"], pointer: null }]);
});

test("a pointer is told to whoever is here, at a pace, and to nobody where nobody is", () => {
  presence.onLine(true);
  pointAt(() => ({ x: 1, y: 1 }));
  settle();
  expect(said).toHaveLength(1);
  hear([peer("k", 2)]);
  for (let x = 0; x < 100; x += 1) {
    pointAt(() => ({ x: x + 0.4, y: 5 }));
    vi.advanceTimersByTime(10);
  }
  settle();
  expect(said.length).toBeLessThanOrEqual(12);
  expect(said.at(-1)).toEqual({ selected: [], pointer: { x: 99, y: 5 } });
  pointAt(null);
  settle();
  expect(said.at(-1)?.pointer).toBeNull();
});

test("a line that breaks leaves nobody here, and the next one is told everything again", () => {
  presence.onLine(true);
  hear([peer("k", 2, "a")]);
  presence.onLine(false);
  expect(usePeople.getState().peers.size).toBe(0);
  expect(at("a")).toBeUndefined();
  presence.onLine(true);
  expect(said).toHaveLength(2);
});

test("two windows of a person are one person at a node and in the list", () => {
  hear([peer("k", 2), peer("l", 2, "a"), peer("m", 3, "a")]);
  expect(at("a")?.map(({ person }) => person)).toEqual([2, 3]);
  expect(personsOf(usePeople.getState().peers).map(({ key }) => key)).toEqual(["l", "m"]);
  hear([], ["l", "m"]);
  expect(at("a")).toBeUndefined();
  expect(personsOf(usePeople.getState().peers).map(({ key }) => key)).toEqual(["k"]);
});

test("a pointer that moves draws no card again", () => {
  hear([peer("k", 2, "a")]);
  const before = at("a");
  hear([{ ...peer("k", 2, "a"), pointer: { x: 1, y: 2 } }]);
  expect(at("a")).toBe(before);
});

test("who has left tells nothing more", () => {
  presence.onLine(true);
  useEditor.getState().select({ nodes: ["a"] });
  presence.leave();
  pointAt(() => ({ x: 1, y: 1 }));
  settle();
  expect(said).toHaveLength(1);
});
