import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, show } from "@/ui/testing";
import { LocksPanel } from "./LocksPanel";

const at = "2026-01-01T00:00:00Z";
const place = { name: "printer", limit: 1, flow: "f", flow_name: "Print", step: "guard", asked_at: at, due_at: null, released_at: null, released_by: "" };
const holder = { ...place, id: "9", run: "r1", number: 12, token: 7, line: null, granted_at: at };
const waiter = { ...place, id: "10", run: "r2", number: 13, token: null, line: 1, granted_at: null };
const session = { permissions: ["runs:read", "runs:steer"], role: "operator", workspaces: [], languages: ["en"], language: "en" };

onFreshPages(queryClient);

const panel = () => show(<LocksPanel />, queryClient);

test("says who holds a lock and who is next, and takes it away after a question", async () => {
  const calls = serve({ "GET /api/session/": session, "GET /api/locks/": { results: [waiter, holder], next: null }, "POST /api/locks/9/release/": holder });
  panel();
  const inside = (await screen.findByRole("link", { name: "Print #12" })).closest("tr") as HTMLElement;
  expect(within(inside).getByText("Holds it")).toBeTruthy();
  expect(within(inside).getByText("7")).toBeTruthy();
  const next = screen.getByRole("link", { name: "Print #13" }).closest("tr") as HTMLElement;
  expect(within(next).getByText("No. 1 in line")).toBeTruthy();
  expect(within(next).queryByRole("button")).toBeNull();
  await userEvent.click(await within(inside).findByRole("button", { name: "Take away" }));
  const question = await screen.findByRole("dialog");
  expect(within(question).getByText(/stale token/)).toBeTruthy();
  await userEvent.click(within(question).getByRole("button", { name: "Take away" }));
  await vi.waitFor(() => expect(calls.some((call) => call.method === "POST" && call.path === "/api/locks/9/release/")).toBe(true));
});

test("says so where no lock is held", async () => {
  serve({ "GET /api/session/": session, "GET /api/locks/": { results: [], next: null } });
  panel();
  expect(await screen.findByText("No lock is held")).toBeTruthy();
});
