import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak, withWords } from "@/i18n";
import { fillIn, serve, show } from "@/ui/testing";
import { CanaryDialog } from "./CanaryDialog";

const here = { environment: "production", live_version: 1, is_default: true, canary: null, released_at: null, released_by: null, proposal: null, may_release: true, needs_second: false };

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

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
