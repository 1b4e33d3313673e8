import { describe, expect, test } from "vitest";
import type { DrawnEdge, DrawnNode } from "./drawn";
import { arrow, cardOf } from "./drawn.test-data";
import { arrowsOf, cardAt, castOf, heldOf, lassoed, nextOf, paceOf, planOf, type Form, type Look, type Standing } from "./staging";

const WIDE = 40;
const card = cardOf(WIDE);
const note = (at: number): DrawnNode => ({ id: `note${at}`, type: "note", position: { x: 99_000, y: 300 * at }, width: 200, height: 100, data: { note: { id: `note${at}`, position: { x: 0, y: 0 } }, holds: 0 } });
const many = Array.from({ length: 1_000 }, (_, at) => card(at));
const at = (x: number, y: number): Look => ({ view: { x, y, width: 1_400, height: 640 }, isFar: false });
const isSeen = ({ position: { x, y } }: DrawnNode, { view }: Look): boolean =>
  x < view.x + view.width && x + 220 > view.x && y < view.y + view.height && y + 88 > view.y;
const all = (form: Form): Standing => new Map(many.map((node) => [node.id, form]));
const NONE = new Set<string>();

/** What stands when all that should come has come, and all that should go has gone. */
function rested(standing: Standing, look: Look, nodes = many): Standing {
  const plan = planOf(standing, nodes, look);
  const gone = new Set(plan.leaving);
  return new Map([...[...plan.standing].filter(([id]) => !gone.has(id)), ...plan.coming.map(({ id }) => [id, look.isFar ? "shape" : "card"] as const)]);
}

describe("what stands of a large flow", () => {
  test("what is in view comes first, from the middle outwards, then a margin", () => {
    const look = at(3_000, 1_000);
    const { coming } = planOf(new Map(), many, look);
    const seen = many.filter((node) => isSeen(node, look)).map((node) => node.id);
    expect(new Set(coming.slice(0, seen.length).map(({ id }) => id))).toEqual(new Set(seen));
    expect(coming.map((each) => each.isSeen)).toEqual(coming.map((_, index) => index < seen.length));
    expect(coming.length).toBeGreaterThan(1.2 * seen.length);
    expect(coming.length).toBeLessThan(4 * seen.length);
    const first = many.find((node) => node.id === coming[0]?.id)?.position;
    expect(Math.abs((first?.x ?? 0) + 110 - 3_700)).toBeLessThan(280);
  });

  test("what is pointed at comes before all, and what is selected before the rest", () => {
    const look = at(3_000, 1_000);
    const order = planOf(new Map(), many, look).coming.map(({ id }) => id);
    const [last, another] = [order.at(-1) ?? "", order.at(-2) ?? ""];
    const nodes = many.map((node) => (node.id === another ? { ...node, selected: true } : node));
    expect(planOf(new Map(), nodes, { ...look, first: last }).coming.slice(0, 2).map(({ id }) => id)).toEqual([last, another]);
  });

  test("what was left behind goes, what is just beside the view stays", () => {
    const standing = rested(new Map(), at(0, 0));
    expect(standing.has("n0")).toBe(true);
    expect(planOf(standing, many, at(280, 0)).leaving).toEqual([]);
    expect(rested(standing, at(8_000, 2_000)).has("n0")).toBe(false);
  });

  test("what has the focus stays up wherever one looks, and goes once something else has it", () => {
    const standing = rested(new Map(), at(0, 0));
    const away = rested(standing, { ...at(8_000, 2_000), focused: "n0" });
    expect([away.has("n0"), away.has("n1")]).toEqual([true, false]);
    expect(rested(away, { ...at(8_000, 2_000), focused: "n110" }).has("n0")).toBe(false);
  });

  test("a small flow stands whole wherever one looks", () => {
    const few = many.slice(0, 60);
    expect(planOf(new Map(), few, at(90_000, 90_000)).coming).toHaveLength(60);
    expect(arrowsOf(few, [arrow(0, 1)], at(90_000, 0), NONE)).toEqual(["n0>n1"]);
  });

  test("from afar cards turn into shapes, near shapes into cards, and what stands as it should is left alone", () => {
    const look = at(3_000, 1_000);
    const near = rested(new Map(), look);
    const turning = planOf(near, many, { ...look, isFar: true }).coming.map(({ id }) => id);
    expect(turning.length).toBeGreaterThan(0);
    expect(turning.every((id) => near.has(id))).toBe(true);
    expect(planOf(near, many, look).coming).toEqual([]);
    const plan = planOf(all("shape"), many, look);
    expect(plan.coming.filter((each) => each.isSeen)).toHaveLength(many.filter((node) => isSeen(node, look)).length);
    expect(plan.leaving.length).toBeGreaterThan(900);
  });

  test("notes and frames have no silhouettes: a few stand always, of many those around the view, at once", () => {
    const noted = (count: number) => [...many, ...Array.from({ length: count }, (_, index) => note(index))];
    expect(planOf(new Map(), noted(5), at(0, 0)).standing.size).toBe(5);
    expect(planOf(new Map(), noted(200), at(0, 0)).standing.size).toBe(0);
    expect(planOf(new Map(), noted(200), at(99_000, 0)).standing.has("note0")).toBe(true);
  });
});

describe("what comes next", () => {
  const seen = { id: "seen", isSeen: true };
  const around = { id: "around", isSeen: false };
  const leaving = (count: number) => Array.from({ length: count }, (_, index) => `old${index}`);
  const next = (coming: (typeof seen)[], gone: number, arrows: Partial<{ missing: string[]; isOver: boolean }>, how: Partial<{ isFar: boolean; isMoving: boolean }>) =>
    nextOf({ standing: new Map(), coming, leaving: leaving(gone) }, { missing: [], isOver: false, ...arrows }, { isFar: false, isMoving: false, ...how });

  test("at rest cards that are seen, then arrows, then what has to go, then the margin, then nothing", () => {
    const arrows = { missing: ["a>b"] };
    expect(next([seen, around], 5, arrows, {})).toEqual({ kind: "card", ids: ["seen"] });
    expect(next([around], 5, arrows, {})).toEqual({ kind: "arrows", ids: ["a>b"] });
    expect(next([around], 5, {}, {})).toEqual({ kind: "leaving", ids: leaving(5) });
    expect(next([around], 0, {}, {})).toEqual({ kind: "card", ids: ["around"] });
    expect(next([], 0, {}, {})).toBeNull();
  });

  test("from afar the thin arrows go before shapes come", () => {
    expect(next([seen], 0, { isOver: true }, { isFar: true })).toEqual({ kind: "arrows", ids: [] });
    expect(next([seen], 0, {}, { isFar: true })).toEqual({ kind: "shape", ids: ["seen"] });
  });

  test("while a hand moves no arrows, and what has to go as soon as it is much, whatever comes", () => {
    const moving = { isMoving: true };
    expect(next([seen, around], 11, { missing: ["a>b"] }, moving)).toEqual({ kind: "card", ids: ["seen", "around"] });
    expect(next([], 11, { missing: ["a>b"] }, moving)).toBeNull();
    expect(next([seen], 40, {}, moving)).toMatchObject({ kind: "leaving", ids: { length: 20 } });
  });
});

describe("which arrows stand", () => {
  test("near those that cross the view, wherever their ends are, and what is selected", () => {
    const wide = { ...card(999), id: "left", position: { x: -4_000, y: 200 } };
    const edges = [arrow(0, 1), { ...arrow(0, 39), id: "long", source: "left", target: "n39" }, arrow(800, 900), { ...arrow(801, 901), selected: true }];
    expect(arrowsOf([...many, wide], edges, at(0, 0), NONE)).toEqual(["n0>n1", "long", "n801>n901"]);
  });

  test("from afar what is selected or touches what is held, and no others", () => {
    const edges = [arrow(0, 1), arrow(1, 2), { ...arrow(801, 901), selected: true }];
    expect(arrowsOf(many, edges, { ...at(0, 0), isFar: true }, new Set(["n2"]))).toEqual(["n1>n2", "n801>n901"]);
  });
});

describe("what the graph library is given", () => {
  const standing: Standing = new Map([["n0", "card"], ["n1", "card"]]);
  const given = (edges: DrawnEdge[], nodes = many) => {
    const cast = castOf(standing, new Set(edges.map((edge) => edge.id)), nodes, edges, false);
    return { drawn: cast.nodes.filter((node) => !node.hidden).map((node) => node.id), hidden: cast.nodes.filter((node) => node.hidden).map((node) => node.id), edges: cast.edges.map((edge) => edge.id) };
  };

  test("an arrow that leaves what stands, with its end known and not drawn", () => {
    expect(given([arrow(0, 1), arrow(1, 900)])).toEqual({ drawn: ["n0", "n1"], hidden: ["n900"], edges: ["n0>n1", "n1>n900"] });
  });

  test("what is selected, wherever it is, so that it goes along and can be let go", () => {
    const nodes = many.map((node) => (node.id === "n700" ? { ...node, selected: true } : node));
    expect(given([], nodes)).toEqual({ drawn: ["n0", "n1"], hidden: ["n700"], edges: [] });
  });

  test("no arrow that does not stand", () => {
    expect(castOf(standing, NONE, many, [arrow(0, 1)], false).edges).toEqual([]);
  });

  test("shapes as shapes, and always the same object for the same node", () => {
    const cast = () => castOf(new Map([["n0", "shape"], ["n1", "card"]]), new Set(["n800>n900"]), many, [arrow(800, 900)], true);
    const [shape, card, hidden] = cast().nodes;
    expect(shape?.data).toMatchObject({ isShape: true });
    expect(card).toBe(many[1]);
    expect(hidden).toMatchObject({ id: "n800", hidden: true });
    expect(cast().nodes.slice(0, 3).every((node, index) => node === [shape, card, hidden][index])).toBe(true);
    expect(cast().edges[0]?.data?.isFar).toBe(true);
  });
});

test("what is held is what is not where the scene has it", () => {
  expect(heldOf(many, many).size).toBe(0);
  const moved = many.map((node) => (node.id === "n3" ? { ...node, position: { x: 1, y: 2 } } : node));
  expect(heldOf(moved, many)).toEqual(new Set(["n3"]));
});

test("a place lies on the card that is on top there, or on none", () => {
  const above = { ...card(0), id: "above", zIndex: 31 };
  expect(cardAt([above, ...many], 10, 10)).toBe("above");
  expect(cardAt(many, 290, 140)).toBe(`n${WIDE + 1}`);
  expect(cardAt(many, 250, 140)).toBeNull();
});

test("a lasso takes what it touches and the arrows of that, but no ghosts", () => {
  const nodes = [card(0), card(1), { ...card(2), selectable: false }, { ...note(0), position: { x: 0, y: 0 } }, card(3)];
  expect(lassoed({ x: 0, y: 0, width: 700, height: 40 }, nodes, [arrow(0, 3), arrow(3, 4)])).toEqual({ nodes: ["n0", "n1"], notes: ["note0"], edges: ["n0>n3"] });
});

test("as many are put up as fit into the time, by how long they took before; one at least", () => {
  const pace = paceOf(2);
  expect(pace.most(16)).toBe(8);
  pace.took(60, 10);
  expect(pace.most(16)).toBe(4);
  expect(pace.most(1)).toBe(1);
  pace.took(0, 0);
  expect(pace.most(16)).toBe(4);
});
