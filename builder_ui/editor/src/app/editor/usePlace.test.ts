import { beforeEach, expect, test } from "vitest";
import { changeAddress } from "./usePlace";

beforeEach(() => window.history.replaceState(null, "", "/flows/f?tab=steps"));

test("two changes of one moment both stand", () => {
  changeAddress("/flows/f", { run: "r", step: null });
  changeAddress("/flows/f", { tab: "timeline", drawer: null });
  expect(window.location.search).toBe("?tab=timeline&run=r");
});

test("a page that was left is not brought back by a late answer", () => {
  window.history.replaceState(null, "", "/runs?status=failed");
  changeAddress("/flows/f", { run: "r" });
  expect(window.location.pathname + window.location.search).toBe("/runs?status=failed");
});
