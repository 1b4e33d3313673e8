import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Environment } from "@/api/environments";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { EnvironmentsPanel } from "./EnvironmentsPanel";

const environment = (name: string, place: number, more: Partial<Environment> = {}): Environment => ({
  name, place, is_default: name === "production", vars: {}, credentials: {}, releasers: { users: [], roles: [], groups: [] }, needs_second: false, ...more,
});
const page = (...results: unknown[]) => ({ results, next: null });
const staging = environment("staging", 2, { vars: { base: "http://there" } });
const answers = {
  "GET /api/session/": sessionWith("flows:read", "environments:write"),
  "GET /api/environments/": page(environment("dev", 1), staging, environment("production", 3, { needs_second: true })),
  "GET /api/credentials/": page({ id: "c1", name: "payments-test", kind: "http" }),
  "GET /api/members/": page({ id: "m1", user: 1, name: "ann", email: "", role: "admin", is_active: true, created_at: "2026-01-01T00:00:00Z" }),
  "GET /api/groups/": page(),
  "PATCH /api/environments/staging/": staging,
  "PATCH /api/environments/dev/": environment("dev", 2),
  "POST /api/environments/": environment("qa", 4),
};

onFreshPages();

const changes = (asked: ReturnType<typeof serve>, method: string) => asked.filter((each) => each.method === method).map(({ path, body }) => [path, body]);

test("variables, bindings and a second pair of eyes are kept in one go, once they are right", async () => {
  const asked = serve(answers);
  show(<EnvironmentsPanel />);
  await userEvent.click(await screen.findByRole("button", { name: "staging" }));
  const card = screen.getByRole("listitem", { name: "staging" });
  const save = await within(card).findByRole("button", { name: "Save" });
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.click(within(card).getByRole("button", { name: "Add a variable" }));
  await userEvent.type(within(card).getAllByRole("textbox", { name: "Variable" })[1] as HTMLElement, "most");
  const value = within(card).getByRole("textbox", { name: "Value of most as JSON" });
  await userEvent.type(value, "three");
  expect(within(card).getByText("This isn't JSON yet; text stands in quotes.")).toBeTruthy();
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.clear(value);
  await userEvent.type(value, "3");
  await userEvent.click(within(card).getByRole("button", { name: "Bind a name" }));
  await userEvent.type(within(card).getByRole("textbox", { name: "Name in the flow" }), "payments");
  expect(within(card).getByText("Choose a credential.")).toBeTruthy();
  await userEvent.click(within(card).getByRole("combobox", { name: "Credential that payments means" }));
  await userEvent.click(await screen.findByRole("option", { name: "payments-test" }));
  await userEvent.click(within(card).getByRole("switch", { name: /A second pair of eyes/ }));
  await userEvent.click(save);
  await waitFor(() => expect(changes(asked, "PATCH")).toEqual([["/api/environments/staging/", { vars: { base: "http://there", most: 3 }, credentials: { payments: "payments-test" }, needs_second: true }]]));
});

test("one is made, moved and deleted; the default one stays", async () => {
  const asked = serve({ ...answers, "DELETE /api/environments/staging/": {} });
  show(<EnvironmentsPanel />);
  await userEvent.click(await screen.findByRole("button", { name: "Move staging up" }));
  await waitFor(() => expect(changes(asked, "PATCH")).toEqual([["/api/environments/staging/", { place: 1 }], ["/api/environments/dev/", { place: 2 }]]));

  const name = screen.getByLabelText("New environment");
  await userEvent.type(name, "QA");
  expect(screen.getByRole("button", { name: "Create" }).hasAttribute("disabled")).toBe(true);
  await userEvent.clear(name);
  await userEvent.type(name, "qa");
  await userEvent.click(screen.getByRole("button", { name: "Create" }));
  await waitFor(() => expect(changes(asked, "POST")).toEqual([["/api/environments/", { name: "qa" }]]));

  expect(screen.getByRole("button", { name: "Delete production" }).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Delete staging" }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(changes(asked, "DELETE").map(([path]) => path)).toEqual(["/api/environments/staging/"]));
});

test("who may not change them reads them", async () => {
  serve({ ...answers, "GET /api/session/": sessionWith("flows:read") });
  show(<EnvironmentsPanel />);
  expect(await screen.findByText("Admins of the workspace change these.")).toBeTruthy();
  await userEvent.click(await screen.findByRole("button", { name: "staging" }));
  const card = screen.getByRole("listitem", { name: "staging" });
  expect(within(card).getByRole("textbox", { name: "Value of base as JSON" }).hasAttribute("readonly")).toBe(true);
  expect(within(card).getByRole("switch", { name: /A second pair of eyes/ }).hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button", { name: /Save|Create|Delete|Move|Add|Bind|Remove/ })).toBeNull();
  expect(within(screen.getByRole("listitem", { name: "production" })).getByText("protected")).toBeTruthy();
});
