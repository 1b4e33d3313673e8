import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { queryClient } from "@/api/queries";
import type { StepState } from "@/store/fold";
import { onFreshPages, serve, show } from "@/ui/testing";
import { LockLine } from "./LockLine";

const at = "2026-01-01T00:00:00Z";
const place = { name: "printer", limit: 1, flow: "f", flow_name: "Print", step: "guard", asked_at: at, due_at: null, released_at: null, released_by: "" };

onFreshPages(queryClient);

const line = (step: StepState, token: number | null) => show(<LockLine run="r2" step={step} token={token} />, queryClient);
const guard = (more: Partial<StepState>): StepState => ({ key: "guard", node: "guard", status: "waiting", due: null, waitsOn: null, ...more }) as StepState;

test("a step in line says its place and who holds the lock", async () => {
  serve({
    "GET /api/locks/": {
      results: [
        { ...place, id: "1", run: "r1", number: 12, token: 7, line: null, granted_at: at },
        { ...place, id: "2", run: "r2", number: 13, token: null, line: 1, granted_at: null },
      ],
      next: null,
    },
  });
  line(guard({ waitsOn: { on: "lock", ref: "printer" } }), null);
  expect((await screen.findByRole("link", { name: "Print #12" })).getAttribute("href")).toBe("/runs/r1");
  expect(document.body.textContent).toContain("No. 1");
  expect(screen.getByText("printer")).toBeTruthy();
});

test("a step that was let in says its token", () => {
  line(guard({ status: "running" }), 7);
  expect(screen.getByText(/Holds the lock · fencing token 7/)).toBeTruthy();
});
