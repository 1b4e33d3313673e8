import { expect, test } from "vitest";
import { pictureOf } from "./picture";
import type { FlowDocument } from "./types";

const FLOW: FlowDocument = {
  dsl: 1,
  nodes: [
    { id: "start", type: "trigger.manual", position: { x: 0, y: 0 } },
    { id: "every", type: "flow.for_each", label: "Each", position: { x: 300, y: 0 } },
    { id: "work", type: "log", parent: "every", position: { x: 340, y: 60 } },
    { id: "undo", type: "log", position: { x: 0, y: 200 } },
  ],
  edges: [
    { from: "start", to: "every" },
    { from: "start", to: "undo", port: "compensate" },
    { from: "start", to: "gone" },
  ],
  notes: [{ id: "n", text: "", position: { x: -100, y: 0 } }],
};

test("all that stands in a flow is inside its picture, containers around what they hold", () => {
  const { view, frames, cards, notes } = pictureOf(FLOW);
  expect(frames.map((frame) => frame.title)).toEqual(["Each"]);
  expect(cards.map((card) => card.id)).toEqual(["start", "work", "undo"]);
  const [frame] = frames;
  const work = cards.find((card) => card.id === "work");
  expect(frame !== undefined && work !== undefined && frame.x < work.x && frame.x + frame.width > work.x + work.width).toBe(true);
  for (const box of [...frames, ...cards, ...notes]) {
    expect(box.x).toBeGreaterThanOrEqual(view.x);
    expect(box.y + box.height).toBeLessThanOrEqual(view.y + view.height);
  }
});

test("an arrow leaves a card's side and an undo its foot; one that leads nowhere isn't drawn", () => {
  const { arrows } = pictureOf(FLOW);
  expect(arrows.map(({ key, isUndo }) => [key, isUndo])).toEqual([["start:out>every", false], ["start:compensate>undo", true]]);
  expect(arrows[0]?.path).toMatch(/^M220 30C/);
  expect(arrows[1]?.path).toBe("M110 88L110 200");
});

test("an empty flow has an empty picture", () => {
  expect(pictureOf({ dsl: 1, nodes: [], edges: [] })).toMatchObject({ cards: [], arrows: [], view: { width: 1 } });
});
