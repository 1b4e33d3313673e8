import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { FlowDocument } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { onFreshPages, serve, show } from "@/ui/testing";
import { FlowInspector } from "./FlowInspector";

onFreshPages();

const flow: FlowDocument = { dsl: 1, nodes: [{ id: "start", type: "trigger.manual" }], edges: [] };

function look(readOnly: boolean): void {
  serve({});
  useEditor.getState().open({ id: "f", name: "F", document: flow, readOnly });
  show(<FlowInspector />);
}

const offer = () => screen.queryByText(/or add one/);

test("where nodes can be added it says by which key", () => {
  look(false);
  expect(offer()?.textContent).toContain("N");
});

test("a view that is only read offers to look, not to add", () => {
  look(true);
  expect(offer()).toBeNull();
  expect(screen.getByText("Select a node to see how it is set up.")).not.toBeNull();
});

test("so it is while two older versions are on the canvas", () => {
  look(false);
  act(() => useView.setState({ compared: { before: flow, after: flow, difference: { nodes: new Map(), edges: new Map() } } }));
  expect(offer()).toBeNull();
  act(() => useView.setState({ compared: null }));
  expect(offer()).not.toBeNull();
});

test("the flow's last run is read for its settings and not before", async () => {
  const asked = serve({ "GET /api/runs/": { results: [{ id: "r1" }], next: null } });
  useEditor.getState().open({ id: "f", name: "F", document: flow, readOnly: false });
  show(<FlowInspector />);
  const reads = (): string[] => asked.map(({ path }) => path).filter((path) => path === "/api/runs/r1/");
  await screen.findByText("Inputs");
  expect(reads()).toEqual([]);
  await userEvent.click(screen.getByRole("tab", { name: "Settings" }));
  await waitFor(() => expect(reads()).toEqual(["/api/runs/r1/"]));
});
