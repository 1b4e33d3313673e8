import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { onFreshPages, serve, show } from "@/ui/testing";
import { CanaryDialog } from "./CanaryDialog";

const here = { environment: "production", live_version: 1, is_default: true, canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false };

onFreshPages();

test.each([
  { way: "A few more at each step", said: { steps: [5, 25, 50, 100] } },
  { way: "All at once, the version before standing by (blue-green)", said: { steps: [100] } },
  { way: "A share that stays", said: { weight: 10 } },
])("new runs come to it in one of three ways: $way", async ({ way, said }) => {
  const asked = serve({ "POST /api/flows/f1/canary/": {} });
  show(<CanaryDialog flow="f1" here={here} version={2} onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole("radio", { name: way }));
  expect(screen.queryByRole("slider") !== null).toBe("weight" in said);
  await userEvent.click(screen.getByRole("button", { name: "Start the canary" }));
  await waitFor(() => expect(asked.find((each) => each.method === "POST")?.body).toEqual({ version: 2, environment: "production", guards: { error_rate: 0.05, min_runs: 20, minutes: 10 }, ...said }));
});

const met = (...codes: string[]) => ({ version: 2, missing_credentials: [], obstacles: codes.map((code) => ({ code, message: `It says ${code}.`, hint: "Mend it." })) });

test("what would refuse it is told before, and it can't be begun", async () => {
  const asked = serve({ "GET /api/flows/f1/canary/": met("credential_missing", "node_types_gone"), "POST /api/flows/f1/canary/": {} });
  show(<CanaryDialog flow="f1" here={here} version={2} onClose={() => undefined} />);
  const refusal = await screen.findByRole("alert");
  expect(within(refusal).getAllByRole("listitem").map((each) => each.textContent)).toEqual(["It says credential_missing.Mend it.", "It says node_types_gone.Mend it."]);
  const button = screen.getByRole("button", { name: "Start the canary" });
  expect(button.hasAttribute("disabled")).toBe(true);
  await userEvent.click(button);
  expect(asked.some((each) => each.method === "POST")).toBe(false);
});

test("where a second person looks first it is proposed, and what would refuse that is told before", async () => {
  const promotion = { source: null, target: "production", version: 2, live_version: 1, changes: [], vars: [], credentials: [], obstacles: [], needs_second: true };
  const answers: Record<string, unknown> = {
    "GET /api/flows/f1/canary/": met("second_needed"),
    "GET /api/flows/f1/promote/": { ...promotion, obstacles: [...met("tests_fail").obstacles, ...met("path_taken").obstacles] },
    "GET /api/environments/": { results: [], next: null },
  };
  serve(answers);
  show(<CanaryDialog flow="f1" here={{ ...here, needs_second: true }} version={2} onClose={() => undefined} />);
  // A canary takes no path: that is for whoever releases it.
  expect((await screen.findByRole("alert")).textContent).toMatch(/It says tests_fail\.Mend it\.$/);
  expect(screen.getByRole("button", { name: "Propose" }).hasAttribute("disabled")).toBe(true);
  cleanup();
  answers["GET /api/flows/f1/promote/"] = promotion;
  show(<CanaryDialog flow="f1" here={{ ...here, needs_second: true }} version={2} onClose={() => undefined} />);
  await waitFor(() => expect(screen.getByRole("button", { name: "Propose" }).hasAttribute("disabled")).toBe(false));
  expect(screen.queryByRole("alert")).toBeNull();
});
