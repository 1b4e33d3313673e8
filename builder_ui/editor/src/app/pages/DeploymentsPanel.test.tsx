import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { queryClient } from "@/api/queries";
import { speak, withWords } from "@/i18n";
import { onFreshPages, serve, show } from "@/ui/testing";
import { DeploymentsPanel } from "./DeploymentsPanel";

const at = "2026-01-01T00:00:00Z";
const under = {
  id: "1",
  run: "r1",
  number: 12,
  step: "deploy",
  environment: "production",
  endpoint: "churn-live",
  target: "https://models.example",
  model: "churn",
  version: "8",
  previous: "7",
  strategy: "canary",
  share: 5,
  state: "under_way",
  reason: "",
  created_at: at,
  changed_at: at,
};
const left = { ...under, id: "2", run: "r2", number: 11, version: "6", state: "abandoned", reason: "its step was cancelled before it was through", share: 25 };

onFreshPages(queryClient);

const panel = () => show(<DeploymentsPanel />, queryClient);

test("says which version goes where, how far it is, and what to do about one that was left as it stood", async () => {
  serve({ "GET /api/deployments/": { results: [under, left], next: null } });
  panel();
  const link = await screen.findByRole("link", { name: "#12" });
  expect(link.getAttribute("href")).toBe("/runs/r1?tab=steps&step=deploy");
  const row = within(link.closest("tr") as HTMLElement);
  for (const said of ["churn", "8", "after 7", "production", "churn-live", "Under way", "Canary · 5 %"]) expect(row.getByText(said)).toBeTruthy();
  const other = within(screen.getByRole("link", { name: "#11" }).closest("tr") as HTMLElement);
  expect(other.getByText("Abandoned")).toBeTruthy();
  expect(other.getByText("Its step was cancelled before it was through")).toBeTruthy();
  expect(other.getByText(/the share stands/)).toBeTruthy();
  expect(row.queryByText(/the share stands/)).toBeNull();
});

test("says in Korean why one ended", async () => {
  await speak("ko");
  await withWords(Promise.resolve());
  serve({ "GET /api/deployments/": { results: [left], next: null } });
  panel();
  expect(await screen.findByText("방치됨")).toBeTruthy();
  expect(await screen.findByText("끝나기 전에 단계가 취소되었습니다")).toBeTruthy();
});

test("says in Korean why one failed, and what a name is written in stays", async () => {
  await speak("ko");
  await withWords(Promise.resolve());
  const failed = {
    ...left,
    state: "failed",
    reason: "Version 6 of churn was not deployed to churn-live: it was not healthy in time: the target says that it is starting: no memory. What served before serves on.",
  };
  const taken = { ...left, id: "3", state: "failed", reason: "Version 6 of churn was not deployed to churn-live: run 12 was deploying there when this one began." };
  const others = { ...left, id: "4", reason: "somebody else says this" };
  serve({ "GET /api/deployments/": { results: [failed, taken, others], next: null } });
  panel();
  expect(await screen.findByText("churn 버전 6 모델을 churn-live에 배포하지 못했습니다: 제시간에 정상이 되지 않았습니다: 대상이 아직 시작하는 중이라고 합니다: no memory. 이전 버전이 계속 서비스합니다.")).toBeTruthy();
  expect(await screen.findByText("churn 버전 6 모델을 churn-live에 배포하지 못했습니다: 이 배포를 시작할 때 12번 실행이 그곳에 배포하고 있었습니다.")).toBeTruthy();
  expect(screen.getByText("Somebody else says this")).toBeTruthy();
});

test("says how to make one where there is none", async () => {
  serve({ "GET /api/deployments/": { results: [], next: null } });
  panel();
  expect(await screen.findByText("No model was deployed yet")).toBeTruthy();
  expect(screen.getByRole("link", { name: "See the samples" }).getAttribute("href")).toBe("/samples");
});
