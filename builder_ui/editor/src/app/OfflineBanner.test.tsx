import { QueryClient, useQuery } from "@tanstack/react-query";
import { act, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { get } from "@/api/client";
import { t } from "@/i18n";
import { onFreshPages, show } from "@/ui/testing";
import { OfflineBanner } from "./OfflineBanner";

const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
onFreshPages(client);
afterEach(() => void vi.useRealTimers());

let isThere = true;
function List() {
  const { data } = useQuery({ queryKey: ["list"], queryFn: () => get<string>("/api/list/") });
  return <p>{data}</p>;
}
const passed = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("a server that is away is told, with when it is asked again, until it answers; what was read stays", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => (isThere ? Promise.resolve(new Response('"one"')) : Promise.reject(new TypeError("refused"))));
  show(
    <>
      <OfflineBanner />
      <List />
    </>,
    client,
  );
  await passed(10);
  expect(screen.getByText("one")).toBeTruthy();
  expect(screen.queryByRole("status")).toBeNull();

  isThere = false;
  await act(() => client.refetchQueries());
  expect(screen.getByRole("status").textContent).toContain(t("app.away"));
  expect(screen.getByTestId("retry-in").textContent).toBe(t("together.offline.retryIn", { seconds: 5 }));
  expect(screen.getByText("one")).toBeTruthy();
  await passed(6_000);
  expect(screen.getByRole("status").textContent).toContain(t("app.away"));

  isThere = true;
  await passed(5_000);
  expect(screen.queryByRole("status")).toBeNull();
});
