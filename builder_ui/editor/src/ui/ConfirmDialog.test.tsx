import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { ConfirmDialog } from "./ConfirmDialog";
import { onFreshPages, show } from "./testing";
import { theme } from "./theme";

onFreshPages();

const asked = (onConfirm: () => void, disabled = false) =>
  show(
    <ConfirmDialog opened title="Start" confirm="Go" disabled={disabled} onConfirm={onConfirm} onClose={() => undefined}>
      <textarea aria-label="one line" data-line />
      <textarea aria-label="a note" />
    </ConfirmDialog>,
  );

test("Enter confirms from a field of one line, and breaks the line in a longer text", () => {
  const onConfirm = vi.fn();
  asked(onConfirm);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter" });
  expect(onConfirm).not.toHaveBeenCalled();
  fireEvent.keyDown(screen.getByLabelText("one line"), { key: "Enter" });
  expect(onConfirm).toHaveBeenCalledTimes(1);
});

test("Ctrl-Enter confirms from everywhere, unless it may not be confirmed", () => {
  const onConfirm = vi.fn();
  asked(onConfirm);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter", ctrlKey: true });
  expect(onConfirm).toHaveBeenCalledTimes(1);
  cleanup();
  asked(onConfirm, true);
  fireEvent.keyDown(screen.getByLabelText("a note"), { key: "Enter", ctrlKey: true });
  expect(onConfirm).toHaveBeenCalledTimes(1);
});

const focused = async (children: ReactNode, danger = false): Promise<string> => {
  show(
    <ConfirmDialog opened title="Start" confirm="Go" danger={danger} onConfirm={() => undefined} onClose={() => undefined}>
      {children}
    </ConfirmDialog>,
  );
  await waitFor(() => expect(document.activeElement?.closest("form")).toBeTruthy());
  const at = document.activeElement;
  return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
};

test("the focus is in the first field in which something is written", async () => {
  const fields = (
    <div>
      <input type="radio" aria-label="one of two" />
      <textarea aria-label="an order" />
      <textarea aria-label="a note" />
    </div>
  );
  expect(await focused(fields)).toBe("an order");
});

test("a field that asks for the focus has it", async () => {
  expect(await focused([<input key="1" aria-label="first" />, <input key="2" aria-label="second" data-autofocus />])).toBe("second");
});

test("where nothing is written the focus is on what confirms, and on what does no harm where that can't be undone", async () => {
  expect(await focused("Really?")).toBe("Go");
  cleanup();
  expect(await focused("Really?", true)).toBe("Cancel");
});

function Page({ entry }: { entry?: boolean }) {
  const [isAsked, ask] = useState(false);
  return (
    <>
      <button id="opener">More</button>
      {/* As a menu is drawn: its entries go with it once one was chosen. */}
      {!isAsked && (
        <div role={entry ? "menu" : undefined} aria-labelledby="opener">
          <button onClick={() => ask(true)}>Ask</button>
        </div>
      )}
      {isAsked && (
        <ConfirmDialog opened title="Start" confirm="Go" onConfirm={() => undefined} onClose={() => ask(false)}>
          <input aria-label="Reason" data-autofocus />
        </ConfirmDialog>
      )}
    </>
  );
}

test("Escape closes it, and the focus is where it was; a menu's entry has gone, so it is on the menu's button", async () => {
  show(<Page entry />);
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Reason")));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement?.textContent).toBe("More"));
  expect(screen.queryByRole("dialog")).toBeNull();
});

function Working() {
  const [busy, work] = useState(false);
  return (
    <ConfirmDialog opened title="Start" confirm="Go" busy={busy} onConfirm={() => work(true)} onClose={() => undefined}>
      <input aria-label="Reason" onBlur={() => work(false)} />
    </ConfirmDialog>
  );
}

test.each(["Go", "Cancel"])("what could not be pressed while its work was under way has the focus again once that is done: %s", async (end) => {
  show(<Working />);
  const reason = screen.getByLabelText("Reason");
  await waitFor(() => expect(document.activeElement).toBe(reason));
  const go = screen.getByRole("button", { name: "Go" });
  go.focus();
  await userEvent.click(go);
  await waitFor(() => expect(go.hasAttribute("disabled")).toBe(true));
  // A browser takes the focus from what is disabled; whoever goes on by themselves meanwhile stays there.
  if (end === "Cancel") screen.getByRole("button", { name: "Cancel" }).focus();
  else (document.activeElement as HTMLElement).blur();
  fireEvent.blur(reason);
  await waitFor(() => expect(go.hasAttribute("disabled")).toBe(false));
  expect(document.activeElement?.textContent).toBe(end);
});

test("whoever opened it themselves has the focus again, and a focus that went elsewhere stays there", async () => {
  const Other = ({ isAsked }: { isAsked: boolean }) => (
    <>
      <button>Ask</button>
      <button>Elsewhere</button>
      {isAsked && (
        <ConfirmDialog opened title="Start" confirm="Go" onConfirm={() => undefined} onClose={() => undefined}>
          <input aria-label="Reason" data-autofocus />
        </ConfirmDialog>
      )}
    </>
  );
  for (const [before, to] of [["Ask", null], ["Ask", "Elsewhere"]] as const) {
    const { rerender } = show(<Other isAsked={false} />);
    const again = (isAsked: boolean): void => rerender(<MantineProvider theme={theme} env="test"><Other isAsked={isAsked} /></MantineProvider>);
    again(false);
    screen.getByRole("button", { name: before }).focus();
    again(true);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Reason")));
    if (to !== null) screen.getByRole("button", { name: to, hidden: true }).focus();
    again(false);
    expect(document.activeElement?.textContent).toBe(to ?? before);
    cleanup();
  }
});

test("a dialog that is closed is gone at once, with the keys it took", async () => {
  const asking = (opened: boolean) => (
    <MantineProvider theme={theme}>
      <ConfirmDialog opened={opened} title="Start" confirm="Go" onConfirm={() => undefined} onClose={() => undefined} />
    </MantineProvider>
  );
  const { rerender } = render(asking(true));
  expect(await screen.findByRole("dialog")).toBeTruthy();
  rerender(asking(false));
  expect(screen.queryByRole("dialog")).toBeNull();
});
