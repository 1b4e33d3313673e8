import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Proposal, Standing } from "@/api/environments";
import { onFreshPages, serve, show } from "@/ui/testing";
import { OpenProposals } from "./OpenProposals";

const proposal: Proposal = { id: "p1", environment: "production", version: 3, kind: "promote", canary: {}, reason: "it held in staging", proposer: "ann", created_at: "2026-01-01T00:00:00Z", outcome: "", mine: false };
const standing = (more: Partial<Standing> = {}): Standing => ({
  environment: "production", is_default: true, live_version: 2, canary: null, released_at: null, released_by: null, proposal, may_release: true, needs_second: true, ...more,
});

onFreshPages();

function opened(standings: Standing[]) {
  const asked = serve({ "POST /api/flows/f1/proposals/p1/approve/": {}, "POST /api/flows/f1/proposals/p1/reject/": {} });
  const onCompare = vi.fn();
  show(<OpenProposals flow="f1" standings={standings} onCompare={onCompare} />);
  return { asked, onCompare };
}

test("who may release there looks at what it changes and approves it, with a word on it", async () => {
  const { asked, onCompare } = opened([standing()]);
  expect(screen.getByText("v3 waits for production")).toBeTruthy();
  expect(screen.getByText("it held in staging")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "What it changes" }));
  expect(onCompare).toHaveBeenCalledWith({ from: 2, to: 3 });
  await userEvent.type(screen.getByLabelText("Comment"), "fine");
  await userEvent.click(screen.getByRole("button", { name: "Approve and release" }));
  await waitFor(() => expect(asked).toEqual([{ method: "POST", path: "/api/flows/f1/proposals/p1/approve/", body: { comment: "fine" } }]));
  expect(screen.queryByRole("button", { name: "Withdraw" })).toBeNull();
});

test("who proposed it may withdraw it and nothing else", async () => {
  const { asked } = opened([standing({ proposal: { ...proposal, mine: true } })]);
  expect(screen.queryByRole("button", { name: "Approve and release" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Reject" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Withdraw" }));
  await waitFor(() => expect(asked.map((each) => each.path)).toEqual(["/api/flows/f1/proposals/p1/reject/"]));
});

test("who may not release there only sees that it waits", () => {
  opened([standing({ may_release: false })]);
  expect(screen.getByText("Proposed by ann")).toBeTruthy();
  expect(screen.getAllByRole("button").map((each) => each.textContent)).toEqual(["What it changes"]);
});

test("a canary says that it is one, and where nothing waits there is nothing", () => {
  opened([standing({ proposal: { ...proposal, canary: { weight: 5 } } }), standing({ environment: "dev", proposal: null })]);
  expect(screen.getAllByTestId("proposal")).toHaveLength(1);
  expect(screen.getByText("v3 waits to be a canary in production")).toBeTruthy();
});

test("what keeps it from being released by now is told where one decides, and it still waits", async () => {
  serve({});
  show(<OpenProposals flow="f1" standings={[standing()]} onCompare={() => undefined} />);
  await userEvent.click(screen.getByRole("button", { name: "Approve and release" }));
  expect(await screen.findByText("nothing here")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Approve and release" })).toBeTruthy();
});
