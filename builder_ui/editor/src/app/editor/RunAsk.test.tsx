import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Standing } from "@/api/environments";
import { useEditor } from "@/store/editor";
import { onFreshPages, serve, show } from "@/ui/testing";
import { RunAsk, type Which } from "./RunAsk";

const standing = (environment: string, live_version: number | null): Standing => ({
  environment, live_version, is_default: environment === "production", canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false,
});
const inputs = { type: "object", properties: { gift: { type: "boolean", title: "Gift" } } };
const known = ["dev", "staging", "production"].map((name) => ({ name, is_default: name === "production" }));

onFreshPages();

function opened(which: Which, ...standings: Standing[]) {
  const asked = serve({
    "GET /api/flows/f1/environments/": { results: standings },
    "GET /api/environments/": { results: known, next: null },
    "POST /api/flows/f1/runs/": { id: "r1", status: "queued" },
  });
  show(<RunAsk flow="f1" which={which} mayDraft inputs={inputs} pins={0} triggers={[]} onClose={() => undefined} />);
  return { started: () => asked.filter((each) => each.method === "POST").map((each) => each.body) };
}

async function choose(environment: string): Promise<void> {
  await userEvent.click(await screen.findByRole("combobox", { name: "Environment" }));
  await userEvent.click(await screen.findByRole("option", { name: environment }));
}

test("the version that is named is the one that is live in the environment that is chosen", async () => {
  const { started } = opened("live", standing("dev", null), standing("staging", 3), standing("production", 2));
  expect(await screen.findByText("Live version v2")).toBeTruthy();
  await choose("staging");
  expect(screen.getByText("Live version v3")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(() => expect(started()).toEqual([{ input: {}, environment: "staging" }]));
});

test("where nothing is live it is said, and nothing can be started but the draft", async () => {
  opened("live", standing("dev", null), standing("staging", null), standing("production", 2));
  await screen.findByText("Live version v2");
  await choose("dev");
  expect(screen.getByText("Nothing is live in dev.")).toBeTruthy();
  expect(screen.getByText("No live version")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Start" }).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByText("Draft"));
  expect(screen.getByRole("button", { name: "Start" }).hasAttribute("disabled")).toBe(false);
});

test("without a live version in the default environment the first that has one is meant", async () => {
  const { started } = opened("live", standing("dev", null), standing("staging", 3), standing("production", null));
  expect((await screen.findByRole<HTMLInputElement>("combobox", { name: "Environment" })).value).toBe("staging");
  await userEvent.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(() => expect(started()).toEqual([{ input: {}, environment: "staging" }]));
});

test("what a request starts is asked for the request, with the keys that the flow reads", async () => {
  const nodes = [{ id: "hook", type: "trigger.webhook" }, { id: "say", type: "log", config: { message: "{{ input.body.order }}" } }];
  useEditor.setState({ document: { dsl: 1, nodes, edges: [] } });
  const asked = serve({ "GET /api/flows/f2/environments/": { results: [] }, "GET /api/environments/": { results: known, next: null }, "POST /api/flows/f2/runs/": { id: "r1", status: "queued" } });
  show(<RunAsk flow="f2" which="draft" mayDraft inputs={{}} isCalled pins={0} triggers={[]} onClose={() => undefined} />);
  expect(await screen.findByText(/A request starts this flow/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(() => expect(asked.at(-1)?.body).toMatchObject({ input: { method: "POST", body: { order: null } } }));
});
