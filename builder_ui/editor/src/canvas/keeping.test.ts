import { expect, test } from "vitest";
import { keptInView, type Look, type Seen } from "./keeping";

const card = (x: number, y: number, selected = false): Seen => ({ x, y, width: 220, height: 88, selected });
const look: Look = { viewport: { x: 0, y: 0, zoom: 1 }, size: { width: 900, height: 600 } };
const low = { width: 900, height: 340 };

test("a drawer that opens leaves the first row of cards in view, and as it closes all is where it was", () => {
  const cards = [card(48, 48), card(48, 180)];
  expect(keptInView(look, low, cards)).toEqual({ x: 0, y: 0, zoom: 1 });
  expect(keptInView(look, look.size, cards)).toEqual(look.viewport);
});

test("what has room around it stays in the middle", () => {
  expect(keptInView(look, low, [card(340, 256)])).toEqual({ x: 0, y: -130, zoom: 1 });
  expect(keptInView(look, { width: 1000, height: 700 }, [card(48, 48)])).toEqual({ x: 50, y: 50, zoom: 1 });
});

test("the last row goes up until it is in view", () => {
  expect(keptInView(look, low, [card(48, 300), card(48, 440)]).y).toBe(-236);
});

test("where there is no room for all of them the beginning is seen, or what is selected", () => {
  const cards = [card(48, 48), card(48, 180), card(48, 312), card(48, 444)];
  expect(keptInView(look, low, cards).y).toBe(0);
  const chosen = [...cards.slice(0, 3), card(48, 444, true)];
  expect(keptInView(look, low, chosen).y).toBe(-240);
});

test("a card that was seen in part, or not at all, moves nothing", () => {
  expect(keptInView(look, low, [card(340, 256), card(48, -20), card(48, 2_000)]).y).toBe(-130);
  expect(keptInView(look, low, [])).toEqual({ x: 0, y: -130, zoom: 1 });
});
