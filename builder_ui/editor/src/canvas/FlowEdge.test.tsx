import { render } from "@testing-library/react";
import { Position as Side, type EdgeProps } from "@xyflow/react";
import { act } from "react";
import { afterEach, expect, test } from "vitest";
import type { DrawnEdge, HeldEnds } from "./drawn";
import { FlowEdge } from "./FlowEdge";
import { goBy, rest } from "./holding";

afterEach(rest);

function arrow(held?: HeldEnds, sourceX = 0, isFar = false): EdgeProps<DrawnEdge> {
  const data = { edge: { from: "a", to: "b" }, from: "A", to: "B", isFar, ...(held ? { held } : {}) };
  return { id: "a:out>b", source: "a", target: "b", sourceX, sourceY: 0, targetX: sourceX + 100, targetY: 40, sourcePosition: Side.Right, targetPosition: Side.Left, data };
}
const drawn = (props: EdgeProps<DrawnEdge>) => (
  <svg>
    <FlowEdge {...props} />
  </svg>
);
const lines = (box: Element): (string | null)[] => [...box.querySelectorAll("path, g > g")].map((part) => part.getAttribute("d") ?? part.getAttribute("transform"));

test.each([false, true])("an arrow of which both ends are held is drawn as it is where the hand has them (from afar: %s)", (isFar) => {
  const there = lines(render(drawn(arrow(undefined, 30, isFar))).container);
  const { container } = render(drawn(arrow({ source: true, target: true }, 0, isFar)));
  const before = lines(container);
  expect(before).not.toEqual(there);
  act(() => goBy({ x: 30, y: 0 }));
  expect(lines(container)).toEqual(there);
  act(rest);
  expect(lines(container)).toEqual(before);
});

test("one end goes along alone; what is not held stays; what is put up meanwhile is where the hand is", () => {
  const one = render(drawn(arrow({ source: false, target: true }))).container;
  const none = render(drawn(arrow())).container;
  const [before, still] = [lines(one), lines(none)];
  act(() => goBy({ x: 30, y: 8 }));
  expect(lines(none)).toEqual(still);
  expect(lines(one)[0]).toMatch(/^M0,0 /);
  expect(lines(one)[0]).toMatch(/ 130,48$/);
  expect(lines(one)).not.toEqual(before);
  expect(lines(render(drawn(arrow({ source: false, target: true }))).container)).toEqual(lines(one));
});
