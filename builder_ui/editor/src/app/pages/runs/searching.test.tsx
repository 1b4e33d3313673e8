import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import RunsPage from "../RunsPage";

const AT = "2026-01-01T00:00:00Z";
const session = sessionWith("flows:read", "runs:start", "runs:steer");
const run = { id: "r1", flow: "f1", flow_name: "Order fulfilment", version: 3, number: 12, attempt: 1, status: "failed", trigger: "start", is_test: false, error: null, created_at: AT, started_at: AT, finished_at: AT, started_by: "owner" };
const page = (...results: unknown[]) => ({ results, next: null });

onFreshPages(queryClient);

/** The page at an address of its own, over runs of which nothing fits "nowhere"; what it asked for. */
function open(address: string) {
  window.history.replaceState(null, "", address);
  const told = { statuses: { failed: 2 }, codes: [], looked_at: 2, is_all: true };
  const asked = serve({
    "GET /api/session/": session,
    "GET /api/flows/": page(),
    "GET /api/runs/filters/": { results: [] },
    "GET /api/runs/counts/": told,
    "GET /api/jobs/": page(),
    "POST /api/jobs/count/": { count: 2, limit: 100, until: AT },
  });
  const others = fetch;
  const queries: { path: string; query: Record<string, string> }[] = [];
  vi.stubGlobal("fetch", (address: string, init?: RequestInit) => {
    const { pathname, searchParams } = new URL(address, "http://test");
    queries.push({ path: pathname, query: Object.fromEntries(searchParams) });
    const q = searchParams.get("q");
    const found = { ...page(...(q === "nowhere" ? [] : [run])), looked_back_to: q === "503" ? AT : null, keys_looked_back_to: q === "nightly" ? AT : null };
    if (pathname === "/api/runs/" && q === "refused") return Promise.resolve(new Response(JSON.stringify({ title: "Too many words." }), { status: 422, headers: { "Content-Type": "application/problem+json" } }));
    return pathname === "/api/runs/" ? Promise.resolve(new Response(JSON.stringify(found))) : others(address, init);
  });
  show(<RunsPage />, queryClient);
  return { asked, last: (path: string) => queries.filter((each) => each.path === path).at(-1)?.query };
}

test("what is typed after / is looked for, in the list and its counts, beside what else is chosen", async () => {
  const { last } = open("/runs?status=failed");
  await screen.findByRole("link", { name: /#12$/ });
  expect(screen.queryByText(/were not looked at/)).toBeNull();
  const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Search runs" });
  await userEvent.keyboard("/503");
  expect(document.activeElement).toBe(field);
  expect(field.value).toBe("503");
  expect(window.location.search).toBe("?status=failed&q=503");
  expect(screen.getByRole("link", { name: /#12$/ })).toBeTruthy();
  expect(await screen.findByText(/were not looked at.*Choose a flow/)).toBeTruthy();
  expect(last("/api/runs/")).toEqual({ q: "503", status: "failed", limit: "50" });
  await vi.waitFor(() => expect(last("/api/runs/counts/")).toEqual({ q: "503" }));
});

test("a key that very many runs have is said to be looked for only so far back", async () => {
  open("/runs?q=nightly");
  expect(await screen.findByText(/So many runs have this key that those made before .* were not looked at\. Choose a flow/)).toBeTruthy();
  expect(screen.queryByText(/Numbers and errors/)).toBeNull();
});

test("a job over all that fit means the words too", async () => {
  const { asked } = open("/runs?status=failed&q=503");
  await screen.findByRole("link", { name: /#12$/ });
  await userEvent.click(screen.getByRole("checkbox", { name: "Choose run 12" }));
  await userEvent.click(await screen.findByRole("button", { name: "Choose all 2 that fit the filter" }));
  await userEvent.click(screen.getByRole("button", { name: "Cancel runs" }));
  await vi.waitFor(() => expect(asked.find((each) => each.path === "/api/jobs/count/")?.body).toEqual({ action: "cancel", filter: { status: "failed", q: "503" } }));
});

test("where nothing fits it says what was looked for and where, and one click shows all runs", async () => {
  open("/runs?status=failed&q=nowhere");
  expect(await screen.findByText("No run fits “nowhere”")).toBeTruthy();
  expect(screen.getByText(/^Looked at, within the other filters/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Show all runs" }));
  expect(window.location.search).toBe("");
  expect(await screen.findByRole("link", { name: /#12$/ })).toBeTruthy();
});

test("what was refused is not said to fit nothing, and one click shows all runs", async () => {
  open("/runs?q=refused");
  expect(await screen.findByText("Too many words.")).toBeTruthy();
  expect(screen.queryByText(/No run fits/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show all runs" }));
  expect(await screen.findByRole("link", { name: /#12$/ })).toBeTruthy();
});
