import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import CredentialsPage from "./CredentialsPage";
import { DestinationsPanel } from "./DestinationsPanel";
import { FlowsPage } from "./FlowsPage";
import { MessagesPanel } from "./MessagesPanel";
import RunsPage from "./RunsPage";

const session = sessionWith("flows:read", "flows:write", "credentials:write", "runs:start");
const flow = { id: "f1", name: "Order fulfilment", live_version: 3, canary: null, draft: { revision: 4 }, active: true, created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", archived_at: null };
const run = { id: "r1", flow: "f1", flow_name: "Order fulfilment", version: 3, number: 12, attempt: 1, status: "failed", trigger: "start", is_test: false, error: null, created_at: "2026-01-01T00:00:00Z", started_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:03Z", started_by: "owner" };
const page = (...results: unknown[]) => ({ results, next: null });
const answers = {
  "GET /api/session/": session,
  "GET /api/flows/": page(flow),
  "GET /api/flows/filters/": { results: [] },
  "GET /api/runs/": page(run),
  "GET /api/credentials/": page({ id: "c1", name: "payments", kind: "http", hosts: ["pay.example"], created_at: flow.created_at, updated_at: flow.updated_at, last_used_at: null }),
  "GET /api/credential-kinds/": page(),
};
const within_ = (element: React.ReactNode) => show(element, queryClient);

onFreshPages(queryClient);

describe("the page of flows", () => {
  test("shows each flow with its live version and how it last ran", async () => {
    serve(answers);
    within_(<FlowsPage />);
    const row = (await screen.findByRole("link", { name: "Order fulfilment" })).closest("tr");
    expect(within(row as HTMLElement).getByText("v3")).toBeTruthy();
    expect(await within(row as HTMLElement).findByRole("img", { name: "Failed" })).toBeTruthy();
  });

  test("says what to do where there is none", async () => {
    serve({ ...answers, "GET /api/flows/": page() });
    within_(<FlowsPage />);
    expect(await screen.findByText("Draw your first flow")).toBeTruthy();
    expect(await screen.findByRole("button", { name: "Create a flow" })).toBeTruthy();
  });

  test("a viewer is offered nothing they may not do", async () => {
    serve({ ...answers, "GET /api/session/": { ...session, permissions: ["flows:read"] } });
    within_(<FlowsPage />);
    await screen.findByRole("link", { name: "Order fulfilment" });
    expect(screen.queryByRole("button", { name: "New flow" })).toBeNull();
    expect(screen.queryByRole("button", { name: /Actions for/ })).toBeNull();
  });

  test("by keys flows are chosen and opened; all that are chosen are archived after one question", async () => {
    const other = { ...flow, id: "f2", name: "Returns", tags: ["shop"] };
    const asked = serve({ ...answers, "GET /api/flows/": page(flow, other), "DELETE /api/flows/f1/": {}, "DELETE /api/flows/f2/": {}, "PATCH /api/flows/f1/": flow, "PATCH /api/flows/f2/": other });
    within_(<FlowsPage />);
    const [, first] = await screen.findAllByRole("row");
    first?.focus();
    await userEvent.keyboard("x{ArrowDown}{Shift>}X{/Shift}");
    const bar = await screen.findByRole("toolbar", { name: "What to do with the chosen flows" });
    expect(within(bar).getByText("2 chosen")).toBeTruthy();
    await userEvent.click(within(bar).getByRole("button", { name: "Add tags" }));
    const tagging = await screen.findByRole("dialog", { name: "Add tags" });
    await userEvent.type(within(tagging).getByRole("combobox", { name: "Tags" }), "billing{Enter}");
    await userEvent.click(within(tagging).getByRole("button", { name: "Add tags" }));
    await vi.waitFor(() => expect(asked.filter((each) => each.method === "PATCH").map(({ body }) => body)).toEqual([{ tags: ["billing"] }, { tags: ["shop", "billing"] }]));
    await vi.waitFor(() => expect(screen.queryByRole("toolbar")).toBeNull());

    await userEvent.click(screen.getByRole("checkbox", { name: "Choose all that are shown" }));
    await userEvent.click(within(await screen.findByRole("toolbar")).getByRole("button", { name: "Archive" }));
    const dialog = await screen.findByRole("dialog", { name: "Archive 2 flows?" });
    expect(asked.some((each) => each.method === "DELETE")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Archive" }));
    await vi.waitFor(() => expect(asked.filter((each) => each.method === "DELETE").map(({ path }) => path)).toEqual(["/api/flows/f1/", "/api/flows/f2/"]));
  });

  test("a filter is kept under a name and taken up by keys, into the address and into the search", async () => {
    window.history.replaceState(null, "", "/?q=order&tag=shop");
    const kept = { id: "k1", name: "Old returns", filter: { q: "return", archived: "true" }, shared: true, mine: false, by: "editor" };
    const asked = serve({ ...answers, "GET /api/flows/filters/": { results: [kept] }, "POST /api/flows/filters/": { ...kept, id: "k2" } });
    within_(<FlowsPage />);
    const search = await screen.findByRole<HTMLInputElement>("textbox", { name: "Search flows" });
    expect(search.value).toBe("order");
    const opener = await screen.findByRole("button", { name: "Saved filters" });
    await userEvent.click(opener);
    await userEvent.click(await screen.findByRole("menuitem", { name: "Save this filter" }));
    const dialog = await screen.findByRole("dialog", { name: "Save this filter" });
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Name" }), "Shop orders");
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "For everybody in the workspace" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await vi.waitFor(() => expect(asked.find((each) => each.method === "POST")?.body).toEqual({ name: "Shop orders", filter: { q: "order", tag: "shop" }, shared: true }));

    // A dialog that is still closing has the keys.
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    opener.focus();
    await userEvent.keyboard("{Enter}");
    (await screen.findByRole("menuitem", { name: /Old returns/ })).focus();
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(window.location.search).toBe("?q=return&archived=true"));
    expect(search.value).toBe("return");
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Archived" }).checked).toBe(true);
    expect(await screen.findByRole("button", { name: "Old returns" })).toBeTruthy();
    await userEvent.type(search, "s");
    expect(window.location.search).toBe("?q=returns&archived=true");
    window.history.replaceState(null, "", "/");
  });

  test("where nothing fits the filter, one click shows all flows again", async () => {
    window.history.replaceState(null, "", "/?q=nothing");
    serve({ ...answers, "GET /api/flows/": page() });
    within_(<FlowsPage />);
    expect(await screen.findByText("No flow fits")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Saved filters" }));
    expect(await screen.findByText("No saved filters yet")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Show all flows" }));
    expect(window.location.search).toBe("");
    expect(await screen.findByText("Draw your first flow")).toBeTruthy();
  });

  test("beyond the first page there is more", async () => {
    const asked = serve({ ...answers, "GET /api/flows/": { results: [flow], next: "http://test/api/flows/?cursor=c2" } });
    within_(<FlowsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    await vi.waitFor(() => expect(asked.filter((each) => each.path === "/api/flows/").length).toBeGreaterThan(1));
  });

  test("archiving asks first, and says what it does", async () => {
    const asked = serve({ ...answers, "DELETE /api/flows/f1/": {} });
    within_(<FlowsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Actions for Order fulfilment" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Archive" }));
    const dialog = await screen.findByRole("dialog");
    expect(asked.some((each) => each.method === "DELETE")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Archive" }));
    expect(asked.some((each) => each.method === "DELETE" && each.path === "/api/flows/f1/")).toBe(true);
  });
});

describe("the page of runs", () => {
  test("shows runs with status, version and duration", async () => {
    serve(answers);
    within_(<RunsPage />);
    const row = (await screen.findByRole("link", { name: /#12/ })).closest("tr") as HTMLElement;
    expect(within(row).getByText("Failed")).toBeTruthy();
    expect(within(row).getByText("v3")).toBeTruthy();
    expect(within(row).getByText("3.0 s")).toBeTruthy();
  });

  test("each run says its environment, the default one's by its name, and one is looked for by it", async () => {
    const environments = page({ name: "staging", is_default: false }, { name: "production", is_default: true });
    const asked = serve({ ...answers, "GET /api/environments/": environments, "GET /api/runs/": page(run, { ...run, id: "r2", number: 13, environment: "staging" }) });
    within_(<RunsPage />);
    const cells = async (number: number) => within((await screen.findByRole("link", { name: new RegExp(`#${number}$`) })).closest("tr") as HTMLElement);
    expect((await cells(12)).getByText("production")).toBeTruthy();
    expect((await cells(13)).getByText("staging")).toBeTruthy();
    const before = asked.filter((each) => each.path === "/api/runs/").length;
    await userEvent.click(screen.getByRole("combobox", { name: "Environment" }));
    await userEvent.click(await screen.findByRole("option", { name: "staging" }));
    expect(new URLSearchParams(window.location.search).get("environment")).toBe("staging");
    await vi.waitFor(() => expect(asked.filter((each) => each.path === "/api/runs/").length).toBeGreaterThan(before));
    window.history.replaceState(null, "", "/");
  });
});

describe("the page of credentials", () => {
  test("shows names and hosts, and no value anywhere", async () => {
    serve(answers);
    within_(<CredentialsPage />);
    expect(await screen.findByText("payments")).toBeTruthy();
    expect(screen.getByText("pay.example")).toBeTruthy();
  });

  test("replacing sends all values anew", async () => {
    const kinds = page({ name: "http", schema: { type: "object", properties: { token: { type: "string", format: "password" } }, required: ["token"] } });
    const asked = serve({ ...answers, "GET /api/credential-kinds/": kinds, "PATCH /api/credentials/c1/": { id: "c1", name: "payments", kind: "http" } });
    within_(<CredentialsPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Replace payments" }));
    await userEvent.type(await screen.findByLabelText(/Token/, { selector: "input" }), "s3cret");
    await userEvent.click(screen.getByRole("button", { name: "Replace" }));
    await vi.waitFor(() => expect(asked.find((each) => each.method === "PATCH")?.body).toEqual({ name: "payments", hosts: ["pay.example"], values: { token: "s3cret" }, rate: null }));
  });

  test("a rate is shown, changed and taken away with the values", async () => {
    const paced = { id: "c1", name: "payments", kind: "http", hosts: [], rate: { limit: 100, per: "1h" } };
    const asked = serve({ ...answers, "GET /api/credentials/": page(paced), "PATCH /api/credentials/c1/": paced });
    const sent = () => asked.filter((each) => each.method === "PATCH").map((each) => (each.body as { rate: unknown }).rate);
    within_(<CredentialsPage />);
    const replace = async (limit: string): Promise<void> => {
      await userEvent.click(await screen.findByRole("button", { name: "Replace payments" }));
      const field = await screen.findByRole("textbox", { name: "Requests at most" });
      expect((field as HTMLInputElement).value).toBe("100");
      await userEvent.clear(field);
      if (limit !== "") await userEvent.type(field, limit);
      await userEvent.click(screen.getByRole("button", { name: "Replace" }));
    };
    await replace("5");
    await vi.waitFor(() => expect(sent()).toEqual([{ limit: 5, per: "1h" }]));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await replace("");
    await vi.waitFor(() => expect(sent()).toEqual([{ limit: 5, per: "1h" }, null]));
  });
});

describe("the pages of published messages", () => {
  const dead = { id: "d1", message: "m1", topic: "orders.paid", key: "A-1", destination: "shop", state: "dead", tries: 20, last_error: "it answered 500", run: "r1", step: "tell", created_at: flow.created_at, next_try_at: flow.created_at, done_at: flow.created_at };
  const may = { ...session, permissions: [...session.permissions, "runs:steer", "outbox:write"] };

  test("a dead message is shown with its reason and sent again", async () => {
    const asked = serve({ ...answers, "GET /api/session/": may, "GET /api/deliveries/": page(dead), "POST /api/deliveries/retry/": { retried: 1, unrouted: 0 } });
    within_(<MessagesPanel />);
    expect(await screen.findByText("it answered 500")).toBeTruthy();
    await userEvent.click(await screen.findByRole("checkbox", { name: "Choose the message orders.paid" }));
    await userEvent.click(await screen.findByRole("button", { name: "Send again" }));
    await vi.waitFor(() => expect(asked.find((each) => each.method === "POST")).toEqual({ method: "POST", path: "/api/deliveries/retry/", body: { deliveries: ["d1"] } }));
  });

  test("an admin sets a destination up", async () => {
    const asked = serve({ ...answers, "GET /api/session/": may, "GET /api/destinations/": page(), "GET /api/destination-kinds/": { kinds: ["http"] }, "POST /api/destinations/": {} });
    within_(<DestinationsPanel />);
    await userEvent.click(await screen.findByRole("button", { name: "New destination" }));
    await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "shop");
    await userEvent.type(screen.getByLabelText("Topics", { selector: "input" }), "orders.*{Enter}");
    await userEvent.type(screen.getByRole("textbox", { name: "URL" }), "https://shop.example/in");
    await userEvent.click(screen.getByLabelText(/^Later messages wait/));
    await userEvent.click(screen.getByRole("button", { name: "Create" }));
    await vi.waitFor(() =>
      expect(asked.find((each) => each.method === "POST")?.body).toEqual({ name: "shop", kind: "http", config: { url: "https://shop.example/in" }, topics: ["orders.*"], credential: "", signing: "", active: true, max_attempts: 20, max_age: "1d", waits_for_dead: true }),
    );
  });

  test("who may not write sees where messages go", async () => {
    const shop = { id: "x", name: "shop", kind: "http", config: { url: "https://shop.example/in" }, topics: ["orders.*"], credential: "", signing: "", active: false, max_attempts: 20, max_age: "1d", waits_for_dead: false, waiting: 3, dead: 1, created_at: flow.created_at };
    serve({ ...answers, "GET /api/destinations/": page(shop) });
    within_(<DestinationsPanel />);
    expect(await screen.findByText("Stands still")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "New destination" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Change shop" })).toBeNull();
  });
});
