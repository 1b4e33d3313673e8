import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { t, type TextKey } from "@/i18n";
import { RunTable } from "@/runs/RunTable";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { VersionsPanel } from "@/versions/VersionsPanel";
import type { Asked } from "@/ui/Unread";
import { ApiError } from "@/api/client";
import { App } from "./App";
import { missingOf } from "./Missing";
import ApprovalsPage from "./pages/ApprovalsPage";
import { BreakersPanel } from "./pages/BreakersPanel";
import CredentialsPage from "./pages/CredentialsPage";
import { DeploymentsPanel } from "./pages/DeploymentsPanel";
import { DestinationsPanel } from "./pages/DestinationsPanel";
import { FlowsPage } from "./pages/FlowsPage";
import { ItemsPanel } from "./pages/ItemsPanel";
import { JobsPanel } from "./pages/JobsPanel";
import { LettersPanel } from "./pages/LettersPanel";
import { LocksPanel } from "./pages/LocksPanel";
import { MessagesPanel } from "./pages/MessagesPanel";
import RunsPage from "./pages/RunsPage";
import { Alerts } from "./settings/Alerts";
import { Audit } from "./settings/Audit";
import { EnvironmentsPanel } from "./settings/environments/EnvironmentsPanel";
import { Groups } from "./settings/Groups";
import { Members } from "./settings/Members";
import { Tokens } from "./settings/Tokens";
import { WorkspacePanel } from "./settings/WorkspacePanel";

const session = sessionWith("flows:write", "members:write", "workspace:write", "environments:write");
const none = { results: [], next: null };
const closed = (): void => undefined;

onFreshPages(queryClient);

type Case = [address: string, page: ReactNode, what: TextKey, empty: TextKey];
/** What each is about, and what it says where there is none. */
const LISTS: Case[] = [
  ["/api/flows/", <FlowsPage />, "pages.flows.title", "pages.flows.none"],
  ["/api/runs/", <RunsPage />, "runspage.title", "runspage.none"],
  ["/api/runs/", <RunTable flow="f1" onRun={closed} />, "runs.tab.runs", "runs.list.none"],
  ["/api/approvals/", <ApprovalsPage />, "approvals.page.title", "people.asked.page.none"],
  ["/api/credentials/", <CredentialsPage />, "pages.credentials.title", "pages.credentials.none"],
  ["/api/breakers/", <BreakersPanel />, "jobs.breakers.title", "jobs.breakers.none"],
  ["/api/deployments/", <DeploymentsPanel />, "deployments.title", "deployments.none"],
  ["/api/destinations/", <DestinationsPanel />, "outbox.destinations.title", "outbox.destinations.none"],
  ["/api/dead-items/", <ItemsPanel />, "messages.items.title", "messages.items.none"],
  ["/api/jobs/", <JobsPanel />, "jobs.list", "jobs.none"],
  ["/api/dead-letters/", <LettersPanel />, "jobs.letters.title", "jobs.letters.none"],
  ["/api/locks/", <LocksPanel />, "operations.locks.title", "locks.none"],
  ["/api/deliveries/", <MessagesPanel />, "outbox.messages.title", "outbox.messages.noneDead"],
  ["/api/alerts/", <Alerts />, "settings.section.alerts", "settings.alerts.none"],
  ["/api/audit/", <Audit />, "settings.section.audit", "settings.audit.what"],
  ["/api/members/", <Members />, "settings.section.members", "settings.members.role"],
  ["/api/invitations/", <Members />, "settings.members.invited", "settings.members.role"],
  ["/api/groups/", <Groups />, "people.title", "people.none"],
  ["/api/tokens/", <Tokens />, "settings.section.tokens", "settings.tokens.none"],
  ["/api/environments/", <EnvironmentsPanel />, "environments.title", "environments.help"],
  ["/api/flows/f1/versions/", <VersionsPanel flow="f1" onClose={closed} />, "versions.title", "versions.none"],
  ["/api/flows/f1/environments/", <VersionsPanel flow="f1" onClose={closed} />, "environments.title", "versions.none"],
];

test.each(LISTS)("%s asked for in vain is told, never shown as none, and asked for again by a press", async (address, page, what, empty) => {
  const given = LISTS.map(([path]) => path).filter((path) => path !== address);
  const answers: Record<string, unknown> = { "GET /api/session/": session, "GET /api/runs/counts/": { statuses: {}, codes: [], looked_at: 0, is_all: true }, ...Object.fromEntries(given.map((path) => [`GET ${path}`, none])) };
  serve(answers);
  show(page);
  const told = (await screen.findByText(t("common.error.unread", { what: t(what) }))).closest<HTMLElement>('[role="alert"]') as HTMLElement;
  expect(within(told).getByText("nothing here")).toBeTruthy();
  // What belongs to another list on the same page may say there is none of its own.
  const isOwn = !["/api/invitations/", "/api/members/", "/api/flows/f1/environments/"].includes(address);
  if (isOwn) expect(screen.queryByText(t(empty))).toBeNull();
  answers[`GET ${address}`] = none;
  await userEvent.click(within(told).getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(told.isConnected).toBe(false));
  expect((await screen.findAllByText(t(empty))).length).toBeGreaterThan(0);
});

test("a page lacks what was never read and what is refused now, and keeps what was read while the server is away", () => {
  const part = (data: unknown, error: Error | null): Asked => ({ data, error, errorUpdateCount: error === null ? 0 : 1, isError: error !== null, isFetching: false, refetch: () => Promise.resolve() });
  const away = new ApiError(0, "offline", "away");
  const lost = (asked: Asked): boolean => missingOf(["app.part.run", asked]) !== null;
  expect([part(undefined, null), part({}, null), part({}, away), part({}, new ApiError(503, "down", "down"))].map(lost)).toEqual([false, false, false, false]);
  expect([part(undefined, away), part({}, new ApiError(404, "not_found", "gone"))].map(lost)).toEqual([true, true]);
});

test("a workspace that could not be read offers no empty fields to be saved", async () => {
  const answers: Record<string, unknown> = { "GET /api/session/": session };
  serve(answers);
  show(<WorkspacePanel />);
  const told = (await screen.findByText("Workspace couldn't be loaded")).closest<HTMLElement>('[role="alert"]') as HTMLElement;
  expect(screen.queryByRole("textbox")).toBeNull();
  answers["GET /api/workspaces/w/"] = { id: "w", slug: "w", name: "Shop", retention_days: 30 };
  await userEvent.click(within(told).getByRole("button", { name: "Try again" }));
  expect((await screen.findByRole<HTMLInputElement>("textbox", { name: "Name" })).value).toBe("Shop");
});

test("how many runs have a status is not said while nobody knows", async () => {
  serve({ "GET /api/session/": session, "GET /api/runs/": none });
  show(<RunsPage />);
  expect(await screen.findByText(t("runspage.none"))).toBeTruthy();
  expect(screen.getByRole("button", { name: /^Failed/ }).textContent).toBe("Failed–");
});

test("while the server is away a page that was read stays, and whoever is signed out is told", async () => {
  const asked = serve({ "GET /api/session/": session, "GET /api/flows/": none });
  queryClient.setDefaultOptions({ queries: { retry: false } });
  show(<App />, queryClient);
  expect(await screen.findByText(t("pages.flows.none"))).toBeTruthy();
  const before = asked.length;
  const status = { of: 0 };
  vi.stubGlobal("fetch", () => (status.of === 0 ? Promise.reject(new TypeError("away")) : Promise.resolve(new Response("{}", { status: status.of }))));
  await queryClient.refetchQueries({ queryKey: ["session"] });
  expect(queryClient.getQueryState(["session"])?.status).toBe("error");
  expect(before).toBeGreaterThan(0);
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Flows");
  status.of = 401;
  await queryClient.refetchQueries({ queryKey: ["session"] });
  expect(await screen.findByText(t("common.error.signedOut"))).toBeTruthy();
});
