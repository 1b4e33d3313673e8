import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { speak } from "@/i18n";
import type { NodeOverlay } from "@/store/overlay";
import { useRun } from "@/store/run";
import { fillIn, serve, show } from "@/ui/testing";
import { LockNote } from "./LockNote";

beforeAll(() => speak("en"));
beforeEach(() => {
  fillIn();
  queryClient.clear();
  useRun.setState({ runId: "r2" });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const note = (overlay: Partial<NodeOverlay>) => show(<LockNote node="guard" overlay={overlay as NodeOverlay} />, queryClient);

test("a lock whose run waits says the foremost place of its steps", async () => {
  const place = { name: "printer", run: "r2", token: null };
  serve({
    "GET /api/locks/": {
      results: [
        { ...place, id: "1", step: "each[1]/guard", line: 4 },
        { ...place, id: "2", step: "each[0]/guard", line: 2 },
        { ...place, id: "3", step: "other", line: 1 },
      ],
      next: null,
    },
  });
  note({ status: "waiting", waitsOn: { on: "lock", ref: "printer" } });
  expect(await screen.findByText("No. 2 in line")).toBeTruthy();
  expect(screen.getByTitle("waits for the lock printer")).toBeTruthy();
});

test("one that was let in says nothing of a line", () => {
  note({ status: "running", waitsOn: null });
  expect(screen.queryByText(/in line/)).toBeNull();
});
