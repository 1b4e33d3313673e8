import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Relative } from "@/api/types";
import { speak } from "@/i18n";
import { fillIn, show } from "@/ui/testing";
import { Called } from "./Called";

beforeAll(() => speak("en"));
beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const child: Relative = { run: "r2", flow: "f2", flow_name: "Ship", number: 7, status: "failed", step: "call" };

test("each run that a step called is led to, and told how it goes", () => {
  show(<Called runs={[child]} />);
  expect(screen.getByRole("link", { name: "Ship #7" }).getAttribute("href")).toBe("/runs/r2");
  expect(screen.getByText("Failed")).toBeTruthy();
});

test("a step that called none says nothing of it", () => {
  show(<Called runs={[]} />);
  expect(screen.queryByRole("heading")).toBeNull();
});
