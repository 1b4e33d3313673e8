import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Promotion, Standing } from "@/api/environments";
import { onFreshPages, serve, show } from "@/ui/testing";
import { PromoteDialog } from "./PromoteDialog";

const standing = (environment: string, live_version: number | null): Standing => ({
  environment, live_version, is_default: environment === "production", canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false,
});
const standings = [standing("dev", null), standing("staging", 1), standing("production", 2)];
const change = { what: "changed", part: "node", id: "call", path: "/config/url", before: "a", after: "b" };
const preview: Promotion & { changes: unknown[] } = {
  source: "production",
  target: "staging",
  version: 2,
  live_version: 1,
  changes: [change],
  vars: [
    { name: "most", before: 3, value: 3, is_given: false },
    { name: "base", before: "http://shop", value: "http://trial", is_given: true },
  ],
  credentials: [{ name: "payments", credential: "payments-test" }],
  obstacles: [],
  needs_second: false,
};
const environment = { name: "staging", place: 2, is_default: false, vars: {}, credentials: {}, releasers: { users: ["ann"], roles: ["admin"], groups: ["on-call"] }, needs_second: true };

onFreshPages();

function opened(told: object, made: object = { release: { live_version: 2 }, proposal: null }) {
  const asked = serve({
    "GET /api/flows/f1/promote/": told,
    "POST /api/flows/f1/promote/": made,
    "GET /api/environments/": { results: [environment], next: null },
  });
  const onDone = vi.fn();
  const onDraw = vi.fn();
  show(<PromoteDialog flow="f1" standings={standings} versions={[]} way={{ origin: { from: "production" }, to: "staging" }} onClose={() => undefined} onDone={onDone} onDraw={onDraw} />);
  return { asked, onDone, onDraw, posted: () => asked.filter((each) => each.method === "POST").map((each) => each.body) };
}

test("all that would change is told before anything is done, and then it is released with its reason", async () => {
  const { posted, onDone } = opened(preview);
  const vars = await screen.findByRole("table", { name: "Variables" });
  const rows = within(vars).getAllByRole("row").slice(1);
  expect(rows.map((row) => [row.dataset.differs, row.textContent])).toEqual([
    ["true", 'base"http://shop""http://trial"the environment'],
    [undefined, "most33the flow"],
  ]);
  expect(screen.getByRole("heading", { name: "Variables: 1 differs" })).toBeTruthy();
  expect(within(screen.getByRole("table", { name: "Credentials" })).getByText("payments-test")).toBeTruthy();
  expect(screen.getByText("Changed config.url of call")).toBeTruthy();
  expect(within(screen.getByRole("list", { name: "What was looked at and holds" })).getAllByRole("listitem")).toHaveLength(5);
  expect(posted()).toEqual([]);
  await userEvent.type(screen.getByLabelText("Reason"), "it held");
  await userEvent.click(screen.getByRole("button", { name: "Release in staging" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledWith("staging"));
  expect(posted()).toEqual([{ to: "staging", from: "production", version: 2, reason: "it held" }]);
});

test("all that is in the way stands in one refusal, and nothing can be released", async () => {
  const obstacles = [
    { code: "credential_not_bound", message: "payments: not bound to a credential in staging.", hint: "Bind it." },
    { code: "variable_missing", message: "base: staging has none.", hint: "" },
  ];
  const { posted } = opened({ ...preview, obstacles, credentials: [{ name: "payments", credential: null }] });
  const refusal = await screen.findByRole("alert");
  expect(refusal.textContent).toContain("v2 can't go to staging");
  expect(within(refusal).getAllByRole("listitem").map((each) => each.textContent)).toEqual(["payments: not bound to a credential in staging.Bind it.", "base: staging has none."]);
  expect(screen.getByText("not bound")).toBeTruthy();
  expect(screen.queryByText("Its variables have values")).toBeNull();
  expect(screen.getByText("Its tests pass")).toBeTruthy();
  const button = screen.getByRole("button", { name: "Release in staging" });
  expect(button.hasAttribute("disabled")).toBe(true);
  await userEvent.click(button);
  expect(posted()).toEqual([]);
});

test("where a second person has to look it is proposed, and who may approve is named", async () => {
  const { onDone } = opened({ ...preview, needs_second: true }, { release: null, proposal: { id: "p1" } });
  expect(await screen.findByText(/one of these, other than you, can approve it: ann, everyone: Admin, group: on-call/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Propose" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledWith("staging"));
});

test("the difference is drawn by one click", async () => {
  const { onDraw } = opened(preview);
  await userEvent.click(await screen.findByRole("button", { name: "Show on the canvas" }));
  expect(onDraw).toHaveBeenCalledWith({ from: 1, to: 2 });
});
