import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Standing } from "@/api/environments";
import { speak, withWords } from "@/i18n";
import { fillIn, serve, show } from "@/ui/testing";
import { VersionsPanel } from "./VersionsPanel";

const session = (...permissions: string[]) => ({ user: { id: 1, name: "ann", email: "", is_staff: false }, workspace: { id: "w", slug: "w", name: "W", role: "editor" }, workspaces: [], role: "editor", permissions, language: "en", languages: ["en"], theme: "auto" });
const version = (number: number) => ({ version: number, hash: "0123456789abcdef", name: "", note: "", published_at: "2026-01-01T00:00:00Z", author: "ann" });
const standing = (environment: string, live_version: number | null, more: Partial<Standing> = {}): Standing => ({
  environment, live_version, is_default: environment === "production", canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false, ...more,
});
const canary = { version: 2, weight: 25, guards: {}, steps: [], since: null, figures: { runs: 4, failed: 0 } };
const answers = {
  "GET /api/session/": session("flows:read", "flows:publish"),
  "GET /api/flows/f1/versions/": { results: [version(2), version(1)], next: null },
  "GET /api/flows/f1/environments/": { results: [standing("dev", null), standing("staging", 1, { canary }), standing("production", 2)] },
  "GET /api/flows/f1/releases/": { results: [], next: null },
  "GET /api/flows/f1/last-good/": { version: 1, runs: 3, failed: 0 },
  "GET /api/flows/f1/rollback/": { version: 1, missing_credentials: [] },
  "POST /api/flows/f1/rollback/": {},
  "DELETE /api/flows/f1/canary/": {},
  "DELETE /api/flows/f1/environments/staging/": {},
};

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const item = (number: number): HTMLElement => screen.getByRole("button", { name: `Actions for version ${number}` }).closest("li") as HTMLElement;

test("it says what is live where, and speaks of the environment that is chosen", async () => {
  const asked = serve(answers);
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  const chips = await screen.findByRole("group", { name: "Environment that is looked at" });
  expect(within(chips).getAllByRole("button").map((each) => [each.textContent, each.getAttribute("aria-pressed")])).toEqual([
    ["dev –", "false"],
    ["staging v1v2 25 %", "false"],
    ["production v2", "true"],
  ]);
  expect(within(item(2)).getByText("live")).toBeTruthy();
  expect(within(item(1)).getByText("staging")).toBeTruthy();
  expect(screen.queryByTestId("canary")).toBeNull();

  await userEvent.click(within(chips).getByRole("button", { name: /^staging/ }));
  expect(within(item(1)).getByText("live")).toBeTruthy();
  expect(within(item(2)).getByText("production")).toBeTruthy();
  expect(screen.getByTestId("canary").textContent).toContain("Canary v2 · 25 %");
  await userEvent.click(within(screen.getByTestId("canary")).getByRole("button", { name: "End" }));
  await waitFor(() => expect(asked.some((each) => each.method === "DELETE")).toBe(true));
});

test("a rollback goes where one looks", async () => {
  const asked = serve({ ...answers, "GET /api/flows/f1/environments/": { results: [standing("staging", 2), standing("production", 1)] }, "GET /api/flows/f1/diff/": { changes: [], text: "" } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^staging/ }));
  await userEvent.click(screen.getByRole("button", { name: "Actions for version 1" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Roll back to v1…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Roll back to v1" }));
  await waitFor(() => expect(asked.find((each) => each.method === "POST")?.body).toEqual({ version: 1, reason: "", environment: "staging" }));
});

test("a rollback tells which credentials are gone, and goes on", async () => {
  const asked = serve({ ...answers, "GET /api/flows/f1/rollback/": { version: 1, missing_credentials: ["payments"] }, "GET /api/flows/f1/diff/": { changes: [], text: "" } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  await userEvent.click(await screen.findByRole("button", { name: "Actions for version 1" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Roll back to v1…" }));
  expect((await screen.findByRole("note")).textContent).toBe("The credential payments is gone. Steps of this version that use it fail until it is created again.");
  await userEvent.click(screen.getByRole("button", { name: "Roll back to v1" }));
  await waitFor(() => expect(asked.some((each) => each.method === "POST")).toBe(true));
});

test("who may not publish is offered neither promotion nor rollback", async () => {
  serve({ ...answers, "GET /api/session/": session("flows:read") });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  expect(screen.queryByRole("button", { name: "Promote…" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Actions for version 1" }));
  expect(await screen.findByRole("menuitem", { name: "Compare with the draft" })).toBeTruthy();
  expect(screen.queryByRole("menuitem", { name: /Promote|Roll back|canary/ })).toBeNull();
});

test("a flow is taken out of the environment one looks at, after a word on what that ends", async () => {
  const asked = serve(answers);
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  const chips = await screen.findByRole("group", { name: "Environment that is looked at" });
  await userEvent.click(within(chips).getByRole("button", { name: /^dev/ }));
  expect(screen.queryByRole("button", { name: /^Take out/ })).toBeNull();
  await userEvent.click(within(chips).getByRole("button", { name: /^staging/ }));
  await userEvent.click(screen.getByRole("button", { name: "Take out of staging…" }));
  const dialog = await screen.findByRole("dialog", { name: "Take the flow out of staging" });
  expect(dialog.textContent).toContain("Nothing of this flow will start in staging any more");
  expect(asked.some((each) => each.method === "DELETE")).toBe(false);
  await userEvent.click(within(dialog).getByRole("button", { name: "Take out of staging" }));
  await waitFor(() => expect(asked.filter((each) => each.method === "DELETE").map((each) => each.path)).toEqual(["/api/flows/f1/environments/staging/"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("who may not release there is not offered to take it out", async () => {
  serve({ ...answers, "GET /api/flows/f1/environments/": { results: [standing("production", 2, { may_release: false })] } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  expect(screen.queryByRole("button", { name: /^Take out/ })).toBeNull();
});
