import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speak, withWords } from "@/i18n";
import { useView } from "@/store/view";
import { fillIn, serve, show } from "@/ui/testing";
import { CommandPalette } from "./CommandPalette";

const flow = (id: string, name: string) => ({ id, name, live_version: null, draft: { revision: 1 }, active: true, tags: [] });
const found = (kind: string, id: string, name: string, over: object = {}) => ({ kind, id, name, flow: null, flow_name: "", detail: "", began: null, ...over });

beforeEach(async () => {
  fillIn();
  Element.prototype.scrollIntoView = () => undefined;
  window.history.replaceState(null, "", "/");
  await speak("en");
  await withWords(Promise.resolve());
});
afterEach(() => {
  cleanup();
  act(() => useView.getState().setCommandPalette(false));
  vi.unstubAllGlobals();
});

async function opened(answers: Record<string, unknown>) {
  const asked = serve({ "GET /api/flows/": { results: [flow("f1", "Order fulfilment")], next: null }, "GET /api/runs/": { results: [], next: null }, ...answers });
  show(<CommandPalette />);
  act(() => useView.getState().setCommandPalette(true));
  const field = await screen.findByRole("combobox");
  await screen.findByRole("option", { name: "Order fulfilment" });
  return { field, searches: () => asked.filter(({ path }) => path === "/api/search/").length };
}

const type = (field: HTMLElement, words: string) => fireEvent.change(field, { target: { value: words } });
const chosen = () => screen.getAllByRole("option").find((option) => option.dataset.comboboxSelected === "true")?.textContent;

test("the server is asked once it is quiet, and what it finds stands in its groups, each thing once", async () => {
  const results = [
    found("flow", "f1", "Order fulfilment", { flow: "f1" }),
    found("flow", "f2", "Orders of old", { flow: "f2" }),
    found("node", "charge", "Order card", { flow: "f2", flow_name: "Orders of old", detail: "log" }),
    found("credential", "c", "order-key", { detail: "http" }),
    found("version", "3", "v3", { flow: "f2", flow_name: "Orders of old", detail: "in order" }),
    found("run", "r", "Orders of old #9", { flow: "f2", detail: "failed" }),
  ];
  const { field, searches } = await opened({ "GET /api/search/": { results } });
  for (const words of ["o", "or", "ord", "order"]) type(field, words);
  await screen.findByRole("option", { name: /Order card/ });
  expect(searches()).toBe(1);
  expect(screen.getAllByRole("option", { name: "Order fulfilment" })).toHaveLength(1);
  for (const name of ["Orders of old", "Orders of old · v3 in order", "order-key http", "Failed Orders of old #9"]) {
    expect(screen.getByRole("option", { name: new RegExp(`^${name.replace(/ /g, "\\s*")}$`) })).toBeTruthy();
  }
  expect(screen.getByText("Nodes in other flows")).toBeTruthy();
});

test("runs of the same number of flows of the same name are told apart by when they began", async () => {
  const run = (id: string, over: object) => ({ id, flow: id, flow_name: "Bills", number: 1, status: "failed", ...over });
  const { field } = await opened({
    "GET /api/runs/": { results: [run("r1", { created_at: "2026-03-01T12:00:00Z" })], next: null },
    "GET /api/search/": { results: [found("run", "r2", "Bills #1", { flow: "f2", detail: "failed", began: "2025-11-05T12:00:00Z" })] },
  });
  type(field, "bills");
  expect(await screen.findByRole("option", { name: /Bills #1.*2025/ })).toBeTruthy();
  expect(screen.getByRole("option", { name: /Bills #1.*2026/ })).toBeTruthy();
});

test("what was chosen before the server answered stays chosen, and Enter goes there", async () => {
  const { field } = await opened({ "GET /api/search/": { results: [found("flow", "f2", "Go and order", { flow: "f2" })] } });
  type(field, "or");
  await waitFor(() => expect(chosen()).toBe("Order fulfilment"));
  fireEvent.keyDown(field, { key: "ArrowDown", code: "ArrowDown" });
  const before = chosen();
  expect(before).not.toBe("Order fulfilment");
  await screen.findByRole("option", { name: "Go and order" });
  expect(chosen()).toBe(before);
  fireEvent.keyDown(field, { key: "ArrowUp", code: "ArrowUp" });
  fireEvent.keyDown(field, { key: "Enter", code: "Enter" });
  await waitFor(() => expect(window.location.pathname).toMatch(/^\/flows\/f[12]$/));
});

test("a server that can't be asked is told of, and what is known here stays", async () => {
  const { field } = await opened({});
  type(field, "order");
  await screen.findByText(/The server could not be asked/);
  expect(screen.getByRole("option", { name: "Order fulfilment" })).toBeTruthy();
});

test("the focus goes back to where it was, unless what is chosen puts it elsewhere", async () => {
  const [place, other] = [document.body.appendChild(document.createElement("button")), document.body.appendChild(document.createElement("button"))];
  place.focus();
  const { field } = await opened({});
  await waitFor(() => expect(document.activeElement).toBe(field));
  fireEvent.keyDown(field, { key: "Escape", code: "Escape" });
  await waitFor(() => expect(document.activeElement).toBe(place));
  await waitFor(() => expect(screen.queryByTestId("command-palette")).toBeNull());
  const leave = vi.spyOn(window.history, "pushState").mockImplementation(() => other.focus());
  act(() => useView.getState().setCommandPalette(true));
  const again = await screen.findByRole("combobox");
  await waitFor(() => expect(document.activeElement).toBe(again));
  type(again, "order");
  await waitFor(() => expect(chosen()).toBe("Order fulfilment"));
  fireEvent.keyDown(again, { key: "Enter", code: "Enter" });
  await waitFor(() => expect(screen.queryByTestId("command-palette")).toBeNull());
  expect(document.activeElement).toBe(other);
  leave.mockRestore();
  place.remove();
  other.remove();
});
