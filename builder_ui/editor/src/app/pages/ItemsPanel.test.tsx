import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, show } from "@/ui/testing";
import { ItemsPanel } from "./ItemsPanel";

const letter = { id: "i1", run: "r1", number: 12, flow: "f1", flow_name: "Charge orders", step: "charge", failed: 2, count: 40, place: 7, code: "http", message: "It answered 402", created_at: "2026-01-01T00:00:00Z" };
const session = (permissions: string[]) => ({ user: { id: 1, username: "ada", display_name: "Ada", language: "en", theme: "auto" }, workspaces: [], workspace: { id: "w", slug: "home", name: "Home", role: "operator", permissions }, permissions });
const answers = (permissions: string[], ...found: object[]) => ({
  "GET /api/session/": session(permissions),
  "GET /api/dead-items/": { results: found, next: null },
  "POST /api/dead-items/retry/": { retried: [{ letter: "i1", rerun: "r2" }], refused: [] },
});
const shown = () => show(<ItemsPanel />, queryClient);

onFreshPages(queryClient);

test("failed items are told with how many of how many, and run again", async () => {
  const asked = serve(answers(["runs:start", "runs:steer"], letter));
  shown();
  expect(await screen.findByText("2 of 40")).toBeTruthy();
  expect(screen.getByText("It answered 402")).toBeTruthy();
  expect(screen.getByRole("link", { name: /Charge orders/ }).getAttribute("href")).toBe("/runs/r1?tab=steps&step=charge");
  await userEvent.click(await screen.findByRole("checkbox", { name: "Choose the failed items of run 12" }));
  await userEvent.click(await screen.findByRole("button", { name: "Run the failed items again" }));
  await vi.waitFor(() => expect(asked.find((each) => each.method === "POST")).toEqual({ method: "POST", path: "/api/dead-items/retry/", body: { letters: ["i1"] } }));
});

test("who may only read sees them and does nothing to them", async () => {
  serve(answers([], letter));
  shown();
  expect(await screen.findByText("2 of 40")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Run the failed items again" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Dismiss" })).toBeNull();
});
