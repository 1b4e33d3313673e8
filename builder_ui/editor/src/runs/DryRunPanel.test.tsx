import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak, withWords } from "@/i18n";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { fillIn, serve, show } from "@/ui/testing";
import { DryRunPanel } from "./DryRunPanel";

const at = "2026-01-01T00:00:00Z";

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(() => {
  fillIn();
  const { document } = useEditor.getState();
  const nodes = [
    { id: "start", type: "trigger.manual" },
    { id: "charge", type: "http.request", label: "Charge card" },
    { id: "ask", type: "flow.signal" },
  ];
  useEditor.setState({ document: { ...document, nodes, inputs: { properties: { n: { type: "integer", default: 4 } } } } });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  useDry.getState().leave();
});

test("a dry run says that nothing happened, what was not done, where it waits, and goes onto the canvas", async () => {
  const asked = serve({
    "POST /api/flows/f/dry-run/": {
      status: "waiting",
      output: null,
      events: [
        { seq: 1, kind: "run_started", step: null, at, data: { trigger: "start", input: { n: 4 } } },
        { seq: 2, kind: "step_started", step: "charge", at, data: { attempt: 1 } },
        { seq: 3, kind: "step_succeeded", step: "charge", at, data: { output: null } },
        { seq: 4, kind: "step_started", step: "ask", at, data: { attempt: 1 } },
        { seq: 5, kind: "step_waiting", step: "ask", at, data: { on: "signal", ref: "go" } },
      ],
      asked: [{ step: "charge", node: "charge", effect: "keyed", input: { url: "https://pay.example" }, pinned: false }],
    },
  });
  show(<DryRunPanel flow="f" />);
  fireEvent.click(screen.getByRole("button", { name: "Play" }));
  expect(await screen.findByText(/Nothing left this machine/)).toBeTruthy();
  expect(asked[0]?.body).toMatchObject({ input: { n: 4 } });
  expect(screen.getByText(/It waits at ask for what nobody says/)).toBeTruthy();
  expect(screen.getByText(/Answered with nothing: Charge card/)).toBeTruthy();
  expect(screen.getByText("not done")).toBeTruthy();
  expect(useDry.getState().played?.view.steps.get("ask")?.status).toBe("waiting");
});
