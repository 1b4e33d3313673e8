import { beforeEach, expect, test, vi } from "vitest";
import { useRun } from "@/store/run";
import { onFreshPages, serve } from "@/ui/testing";
import { startNow } from "./startNow";

onFreshPages();
beforeEach(() => window.history.replaceState(null, "", "/flows/f?tab=runs&drawer=0"));

const refusing = (answer: object, status: number): void => void vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(answer), { status })));

test("what a run is watched in opens as it is asked for", async () => {
  serve({ "POST /api/flows/f/runs/": { id: "r1", status: "queued" } });
  const started = startNow("f", {});
  expect(window.location.search).toBe("?tab=timeline");
  expect(useRun.getState().isStarting).toBe(true);
  expect(await started).toBe("began");
  expect(useRun.getState().isStarting).toBe(false);
});

test("a run that is refused leaves the page as it was, and one whose draft has problems shows them", async () => {
  refusing({ code: "forbidden", detail: "Not you." }, 403);
  expect(await startNow("f", {})).toBe("refused");
  expect(window.location.search).toBe("?tab=runs&drawer=0");
  refusing({ code: "invalid", detail: "Not so.", problems: [{ path: "/nodes/a", node: "a", message: "wrong" }] }, 400);
  expect(await startNow("f", {})).toBe("problems");
  expect(window.location.search).toBe("?tab=problems");
});
