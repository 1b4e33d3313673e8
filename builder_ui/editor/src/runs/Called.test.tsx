import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Relative } from "@/api/types";
import { onFreshPages, show } from "@/ui/testing";
import { Called } from "./Called";

onFreshPages();

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
