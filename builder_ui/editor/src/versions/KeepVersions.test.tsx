import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { KeepVersions } from "./KeepVersions";

const none = { last: null, days: null };
const kept = { by: "workspace", own: none, workspace: { last: 20, days: null }, holds: { last: 20, days: null }, would_go: [1, 2] };
const shown = () => show(<KeepVersions flow="f" />, queryClient);

onFreshPages(queryClient);

test("says what the workspace keeps and what would go, and sends a policy of the flow's own", async () => {
  const asked = serve({ "GET /api/session/": sessionWith("workspace:write"), "GET /api/flows/f/version-keeping/": kept, "PUT /api/flows/f/version-keeping/": { ...kept, by: "own", own: { last: 5, days: null }, would_go: [] } });
  shown();
  expect(await screen.findByText("Kept: the newest 20 versions.")).toBeTruthy();
  expect(screen.getByText("2 versions go within the hour: v1, v2")).toBeTruthy();
  const save = await screen.findByRole("button", { name: "Save" });
  await userEvent.click(screen.getByRole("combobox", { name: "Kept" }));
  await userEvent.click(await screen.findByRole("option", { name: "By a policy of this flow" }));
  expect(save).toHaveProperty("disabled", true);
  await userEvent.type(screen.getByLabelText("The newest versions"), "5");
  await userEvent.click(save);
  await vi.waitFor(() => expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ by: "own", last: 5, days: null }));
  await vi.waitFor(() => expect(save).toHaveProperty("disabled", true));
  expect(screen.queryByText(/go within the hour/)).toBeNull();
});

test("who may not set it reads it", async () => {
  serve({ "GET /api/session/": sessionWith("flows:read"), "GET /api/flows/f/version-keeping/": { ...kept, would_go: [] } });
  shown();
  expect(await screen.findByText("Admins of the workspace set this.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});
