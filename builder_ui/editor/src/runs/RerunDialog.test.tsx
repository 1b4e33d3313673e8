import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { FlowDocument } from "@/document/types";
import { speak, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import type { RunView } from "@/store/fold";
import { useRun } from "@/store/run";
import { useSaving } from "@/store/saving";
import { fillIn, serve, show } from "@/ui/testing";
import { RerunDialog } from "./RerunDialog";

const BEGAN = "2026-01-01T12:00:00Z";
const preview = { reused: ["start", "pay"], run_again: ["ship"], items: null, problems: [] };
const document: FlowDocument = { dsl: 1, nodes: [{ id: "start", type: "trigger.manual" }, { id: "pay", type: "log", label: "Charge card" }, { id: "ship", type: "log", label: "Ship" }], edges: [] };

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(() => {
  fillIn();
  useEditor.setState({ document });
});
afterEach(() => {
  cleanup();
  useRun.setState({ live: null });
  useSaving.setState({ status: "saved", savedAt: null });
  vi.unstubAllGlobals();
});

function asked(version: number | null, savedAt: string | null) {
  useRun.setState({ live: { id: "r", flow: "f", version, number: 7, seq: 4, status: "failed", createdAt: BEGAN, input: {}, steps: new Map() } as unknown as RunView });
  useSaving.setState({ savedAt: savedAt === null ? null : Date.parse(savedAt) });
  serve({ "GET /api/flows/f/": { id: "f", live_version: 1 }, "POST /api/runs/r/rerun/": preview });
  show(<RerunDialog from="ship" onClose={() => undefined} onStarted={() => undefined} />);
}
const chosen = (): string | null => screen.getByRole<HTMLInputElement>("radio", { checked: true }).value;

test.each([
  ["a draft that was mended since runs as it is now", null, "2026-01-01T12:05:00Z", "draft"],
  ["a draft as it was runs as it was", null, "2026-01-01T11:55:00Z", "same"],
  ["a run of a version stays on its version", 3, "2026-01-01T12:05:00Z", "same"],
])("%s", (_, version, savedAt, which) => {
  asked(version, savedAt);
  expect(chosen()).toBe(which);
});

test("steps are named as on the canvas", async () => {
  asked(1, null);
  expect(await screen.findByText("Charge card")).toBeTruthy();
  expect(screen.getByText("Rerun from Ship")).toBeTruthy();
  expect(screen.queryByText("pay")).toBeNull();
});
