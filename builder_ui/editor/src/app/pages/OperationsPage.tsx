/** What operators look after: failed runs, messages that don't arrive and where they go, targets that are left alone. */
import { Tabs } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useLocation } from "wouter";
import { useText, withWords } from "@/i18n";
import style from "../app.module.css";
import own from "../settings/settings.module.css";
import { BreakersPanel } from "./BreakersPanel";
import { Waiting } from "../Pages";
import { JobsPanel } from "./JobsPanel";
import { LettersPanel } from "./LettersPanel";

const ItemsPanel = lazy(() => withWords(import("./ItemsPanel")).then((module) => ({ default: module.ItemsPanel })));
const MessagesPanel = lazy(() => withWords(import("./MessagesPanel")).then((module) => ({ default: module.MessagesPanel })));
const DestinationsPanel = lazy(() => withWords(import("./DestinationsPanel")).then((module) => ({ default: module.DestinationsPanel })));
const LocksPanel = lazy(() => withWords(import("./LocksPanel")).then((module) => ({ default: module.LocksPanel })));
const DeploymentsPanel = lazy(() => withWords(import("./DeploymentsPanel")).then((module) => ({ default: module.DeploymentsPanel })));
const SECTIONS = ["letters", "items", "jobs", "messages", "destinations", "breakers", "locks", "deployments"] as const;

export default function OperationsPage({ section }: { section: string }) {
  const text = useText();
  const [, go] = useLocation();
  const shown = SECTIONS.find((each) => each === section) ?? "letters";
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <div style={{ flex: 1 }}>
          <h1>{text("operations.title")}</h1>
          <p>{text("operations.help")}</p>
        </div>
      </header>
      <Tabs value={shown} onChange={(next) => go(next === "letters" || next === null ? "/operations" : `/operations/${next}`)} keepMounted={false}>
        <Tabs.List mb="md" className={own.tabs}>
          <Tabs.Tab value="letters">{text("jobs.letters.title")}</Tabs.Tab>
          <Tabs.Tab value="items">{text("messages.items.title")}</Tabs.Tab>
          <Tabs.Tab value="jobs">{text("jobs.list")}</Tabs.Tab>
          <Tabs.Tab value="messages">{text("outbox.messages.title")}</Tabs.Tab>
          <Tabs.Tab value="destinations">{text("outbox.destinations.title")}</Tabs.Tab>
          <Tabs.Tab value="breakers">{text("jobs.breakers.title")}</Tabs.Tab>
          <Tabs.Tab value="locks">{text("operations.locks.title")}</Tabs.Tab>
          <Tabs.Tab value="deployments">{text("deployments.title")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="letters">
          <LettersPanel />
        </Tabs.Panel>
        <Tabs.Panel value="items">
          <Suspense fallback={<Waiting />}>
            <ItemsPanel />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="jobs">
          <JobsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="messages">
          <Suspense fallback={<Waiting />}>
            <MessagesPanel />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="destinations">
          <Suspense fallback={<Waiting />}>
            <DestinationsPanel />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="breakers">
          <BreakersPanel />
        </Tabs.Panel>
        <Tabs.Panel value="locks">
          <Suspense>
            <LocksPanel />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="deployments">
          <Suspense fallback={<Waiting />}>
            <DeploymentsPanel />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
