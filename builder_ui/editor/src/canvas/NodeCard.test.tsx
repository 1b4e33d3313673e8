import { act, cleanup } from "@testing-library/react";
import { ReactFlowProvider, type NodeProps } from "@xyflow/react";
import { useState } from "react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak } from "@/i18n";
import { fillIn, serve, show } from "@/ui/testing";
import type { CardNode } from "./drawn";
import type { NodeOverlay } from "@/store/overlay";
import { NodeCard } from "./NodeCard";
import { useBeneath, useShown } from "./shown";

beforeAll(() => speak("en"));
beforeEach(() => {
  fillIn();
  // The icon of an unknown type is fetched.
  serve({});
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a shape seen from afar shows how it stands only where it is seen itself: selected or held", () => {
  const node = { id: "a", type: "log", position: { x: 0, y: 0 } };
  const data: CardNode["data"] = { node, isShape: true, ports: { hasEntry: false, isUndo: false, outgoing: [], canUndo: false, hasUndo: false } };
  const props: NodeProps<CardNode> = { id: "a", type: "card", data, selected: false, positionAbsoluteX: 0, positionAbsoluteY: 0, zIndex: 30, dragging: false, draggable: true, selectable: true, deletable: true, isConnectable: true };
  const overlay: NodeOverlay = { status: "failed", attempt: 1, startedAt: null, finishedAt: null, due: null, error: null, port: null, progress: null, waitsOn: null, key: "a" };
  useShown.setState({ overlay: { nodes: new Map([["a", overlay]]), edges: new Map() } });
  const shape = (more: Partial<NodeProps<CardNode>>) => show(<ReactFlowProvider><NodeCard {...props} {...more} /></ReactFlowProvider>).container.querySelector("[data-testid=node-a]");
  expect(shape({})?.getAttribute("data-status")).toBeNull();
  expect(shape({ selected: true })?.getAttribute("data-status")).toBe("failed");
  useBeneath.setState({ held: new Set(["a"]) });
  expect(shape({})?.getAttribute("data-status")).toBe("failed");
  useBeneath.setState({ held: new Set() });
  useShown.setState({ overlay: null });
});

test("a card that is moved about is not drawn anew; selected, it is", () => {
  let drawings = 0;
  const node = { id: "a", type: "log", position: { x: 0, y: 0 } };
  const data: CardNode["data"] = {
    get node() {
      drawings += 1;
      return node;
    },
    ports: { hasEntry: false, isUndo: false, outgoing: [], canUndo: false, hasUndo: false },
  };
  const still: NodeProps<CardNode> = { id: "a", type: "card", data, selected: false, positionAbsoluteX: 0, positionAbsoluteY: 0, zIndex: 30, dragging: false, draggable: true, selectable: true, deletable: true, isConnectable: true };
  let become: (props: NodeProps<CardNode>) => void = () => undefined;
  function Standing() {
    const [props, setProps] = useState(still);
    become = setProps;
    return <NodeCard {...props} />;
  }
  show(
    <ReactFlowProvider>
      <Standing />
    </ReactFlowProvider>,
  );
  const first = drawings;
  expect(first).toBeGreaterThan(0);
  act(() => become({ ...still, positionAbsoluteX: 8, zIndex: 90, dragging: true }));
  expect(drawings).toBe(first);
  act(() => become({ ...still, selected: true }));
  expect(drawings).toBeGreaterThan(first);
});
