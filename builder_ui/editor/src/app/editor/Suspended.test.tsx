import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { Suspended } from "./Suspended";

const suspended = { at: "2026-01-02T00:00:00Z", failed: 20, since: "2026-01-01T00:00:00Z", run: "r9", version: 3, code: "no_stock", message: "the shelf is empty" };

onFreshPages();

test("it says how many runs failed and why the newest did, and resumes", async () => {
  const asked = serve({ "GET /api/session/": sessionWith("flows:publish"), "POST /api/flows/f1/resume/": { id: "f1" } });
  show(<Suspended flow="f1" suspended={suspended} />);
  await userEvent.click(screen.getByRole("button", { name: "Suspended" }));
  expect(await screen.findByText(/last 20 runs of v3 failed/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "the shelf is empty" }).getAttribute("href")).toBe("/runs/r9");
  await userEvent.click(await screen.findByRole("button", { name: "Resume triggers" }));
  await waitFor(() => expect(asked.some((each) => each.method === "POST" && each.path === "/api/flows/f1/resume/")).toBe(true));
});

test("who may not publish reads why, and is offered nothing", async () => {
  serve({ "GET /api/session/": sessionWith("flows:read") });
  show(<Suspended flow="f1" suspended={suspended} />);
  await userEvent.click(screen.getByRole("button", { name: "Suspended" }));
  expect(await screen.findByText("the shelf is empty")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Resume triggers" })).toBeNull();
});
