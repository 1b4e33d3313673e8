import { act, cleanup, render, screen } from "@testing-library/react";
import { lazy } from "react";
import { afterEach, expect, test } from "vitest";
import { Opening } from "./Opening";

afterEach(cleanup);

test("a dialog that is still loading stands for itself, and no longer once it is there", async () => {
  let arrive: (part: { default: () => string }) => void = () => undefined;
  const Dialog = lazy(() => new Promise<{ default: () => string }>((resolve) => (arrive = resolve)));
  render(
    <Opening>
      <Dialog />
    </Opening>,
  );
  const waits = (): boolean => document.querySelector("[data-opening]") !== null;
  expect(waits()).toBe(true);
  act(() => arrive({ default: () => "Publish" }));
  expect(await screen.findByText("Publish")).toBeTruthy();
  expect(waits()).toBe(false);
});
