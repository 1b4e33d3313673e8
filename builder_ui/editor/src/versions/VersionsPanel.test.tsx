import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Standing } from "@/api/environments";
import { type Asked, onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { VersionsPanel } from "./VersionsPanel";

const version = (number: number) => ({ version: number, hash: "0123456789abcdef", name: "", note: "", published_at: "2026-01-01T00:00:00Z", author: "ann" });
const standing = (environment: string, live_version: number | null, more: Partial<Standing> = {}): Standing => ({
  environment, live_version, is_default: environment === "production", canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false, ...more,
});
const canary = { version: 2, weight: 25, guards: {}, steps: [], since: null, figures: { runs: 4, failed: 0 } };
const answers = {
  "GET /api/session/": sessionWith("flows:read", "flows:publish"),
  "GET /api/flows/f1/versions/": { results: [version(2), version(1)], next: null },
  "GET /api/flows/f1/environments/": { results: [standing("dev", null), standing("staging", 1, { canary }), standing("production", 2)] },
  "GET /api/flows/f1/releases/": { results: [], next: null },
  "GET /api/flows/f1/last-good/": { version: 1, runs: 3, failed: 0 },
  "GET /api/flows/f1/rollback/": { version: 1, missing_credentials: [], obstacles: [] },
  "GET /api/flows/f1/diff/": { changes: [], text: "" },
  "POST /api/flows/f1/rollback/": {},
  "POST /api/flows/f1/release/": {},
  "DELETE /api/flows/f1/canary/": {},
  "DELETE /api/flows/f1/environments/staging/": {},
};

onFreshPages();

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

const posted = (asked: Asked[]) => asked.filter((each) => each.method === "POST").map(({ path, body }) => ({ path, body }));

/** The dialog in which a version is made live, once what is in its way is known. */
async function opened(name: string, number: number): Promise<HTMLElement> {
  await userEvent.click(await screen.findByRole("button", { name: `Actions for version ${number}` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: `${name}…` }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("No difference");
  return dialog;
}
const button = (dialog: HTMLElement, name: string) => within(dialog).getByRole<HTMLButtonElement>("button", { name });

test.each([
  { from: 2, to: 1, said: "Roll back to v1", title: "Roll back to version 1", help: "New runs use v1 again", verb: "rollback" },
  { from: 1, to: 2, said: "Release v2", title: "Release version 2", help: "New runs use v2.", verb: "release" },
])("where v$from is live it says $said, and does it where one looks", async ({ from, to, said, title, help, verb }) => {
  const asked = serve({ ...answers, "GET /api/flows/f1/environments/": { results: [standing("staging", from), standing("production", to)] } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^staging/ }));
  const dialog = await opened(said, to);
  expect(within(dialog).getByRole("heading", { name: title })).toBeTruthy();
  expect(dialog.textContent).toContain(`In staging: ${help}`);
  await waitFor(() => expect(button(dialog, said).disabled).toBe(false));
  await userEvent.click(button(dialog, said));
  await waitFor(() => expect(posted(asked)).toEqual([{ path: `/api/flows/f1/${verb}/`, body: { version: to, reason: "", environment: "staging" } }]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a rollback tells which credentials are gone, and goes on", async () => {
  const asked = serve({ ...answers, "GET /api/flows/f1/rollback/": { version: 1, missing_credentials: ["payments"], obstacles: [] } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  const dialog = await opened("Roll back to v1", 1);
  expect((await within(dialog).findByRole("note")).textContent).toBe("The credential payments is gone. Steps of this version that use it fail until it is created again.");
  await userEvent.click(button(dialog, "Roll back to v1"));
  await waitFor(() => expect(posted(asked)).toHaveLength(1));
});

test("what is in the way is told before, and there is nothing to press", async () => {
  const obstacles = [
    { code: "credential_missing", message: "There is no credential payments.", hint: "Create it." },
    { code: "variable_missing", message: "base: production has none.", hint: "" },
  ];
  const asked = serve({ ...answers, "GET /api/flows/f1/rollback/": { version: 1, missing_credentials: ["payments"], obstacles } });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  const dialog = await opened("Roll back to v1", 1);
  const refusal = await within(dialog).findByRole("alert");
  expect(refusal.textContent).toContain("v1 can't go to production");
  expect(within(refusal).getAllByRole("listitem").map((each) => each.textContent)).toEqual(["There is no credential payments.Create it.", "base: production has none."]);
  expect(within(dialog).queryByRole("note")).toBeNull();
  expect(button(dialog, "Roll back to v1").disabled).toBe(true);
  await userEvent.type(within(dialog).getByLabelText("Reason"), "all the same{Enter}");
  expect(posted(asked)).toEqual([]);
});

test("where nothing is live every version can be released", async () => {
  const asked = serve(answers);
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^dev/ }));
  await userEvent.click(screen.getByRole("button", { name: "Actions for version 1" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Release v1…" }));
  const dialog = await screen.findByRole("dialog", { name: "Release version 1" });
  expect(dialog.textContent).toContain("Nothing of this flow is live there now. New runs will use v1.");
  await waitFor(() => expect(button(dialog, "Release v1").disabled).toBe(false));
  await userEvent.click(button(dialog, "Release v1"));
  await waitFor(() => expect(posted(asked)).toEqual([{ path: "/api/flows/f1/release/", body: { version: 1, reason: "", environment: "dev" } }]));
  expect(asked.some((each) => each.path.endsWith("/diff/"))).toBe(false);
});

test("who may not publish is offered neither promotion nor rollback", async () => {
  serve({ ...answers, "GET /api/session/": sessionWith("flows:read") });
  show(<VersionsPanel flow="f1" onClose={() => undefined} />);
  await screen.findByRole("group", { name: "Environment that is looked at" });
  expect(screen.queryByRole("button", { name: "Promote…" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Actions for version 1" }));
  expect(await screen.findByRole("menuitem", { name: "Compare with the draft" })).toBeTruthy();
  expect(screen.queryByRole("menuitem", { name: /Promote|Roll back|Release|canary/ })).toBeNull();
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
