import { cleanup, render, screen } from "@testing-library/react";
import { MantineProvider } from "@mantine/core";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { speak } from "@/i18n";
import { More } from "./More";
import { onFreshPages, show } from "./testing";
import { theme } from "./theme";
import { isUnread, Unread, type Asked } from "./Unread";

const asked = (more: Partial<Asked> = {}): Asked => ({ data: undefined, error: { message: "The shelf is closed.", hint: "Open it." }, errorUpdateCount: 1, isError: true, isFetching: false, refetch: () => Promise.resolve(), ...more });

onFreshPages();

test("what was never read is unread; what was read and is not empty stands although asking anew failed", () => {
  expect(isUnread(asked())).toBe(true);
  expect(isUnread(asked({ error: null, errorUpdateCount: 0, isError: false }))).toBe(false);
  expect(isUnread(asked({ data: [] }), true)).toBe(true);
  expect(isUnread(asked({ data: [1] }))).toBe(false);
  // Asked again it waits for an answer, and is unread until one comes.
  expect(isUnread(asked({ error: null, isError: false }))).toBe(true);
});

test("why it failed stays to be read while it is asked again", async () => {
  const refetch = vi.fn(() => Promise.resolve());
  const page = (of: Asked) => (
    <MantineProvider theme={theme} env="test">
      <Unread what="Shelves" asked={of} />
    </MantineProvider>
  );
  const shown = render(page(asked({ refetch })));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(refetch).toHaveBeenCalledOnce();
  shown.rerender(page(asked({ error: null, isError: false, isFetching: true, refetch })));
  const told = screen.getByRole("alert");
  expect([told.textContent?.includes("Shelves couldn't be loaded"), told.textContent?.includes("The shelf is closed."), told.textContent?.includes("Open it.")]).toEqual([true, true, true]);
  // It keeps the focus: nothing that had it was taken away or turned off.
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Try again" }));
});

test("a server out of reach is said in the language spoken", async () => {
  await speak("ko");
  show(<Unread what="선반" asked={asked({ error: { message: "The server could not be reached.", isOffline: true } })} />);
  expect(screen.getByRole("alert").textContent).toContain("서버에 연결할 수 없습니다.");
  await speak("en");
});

test("where the rest of a list didn't come, that is said beside the way to it", async () => {
  const fetchNextPage = vi.fn(() => Promise.resolve());
  const list = { error: { message: "The shelf is closed." }, hasNextPage: true, isFetchingNextPage: false, isFetchNextPageError: true, fetchNextPage };
  show(<More list={list} />);
  expect(screen.getByRole("alert").textContent).toContain("The shelf is closed.");
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(fetchNextPage).toHaveBeenCalledOnce();
  cleanup();
  show(<More list={{ ...list, hasNextPage: false }} />);
  expect(screen.queryByRole("button")).toBeNull();
});
