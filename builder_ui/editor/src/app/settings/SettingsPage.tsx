import { Tabs } from "@mantine/core";
import { useLocation } from "wouter";
import { useMay } from "@/api/account";
import { useText } from "@/i18n";
import style from "../app.module.css";
import { Alerts } from "./Alerts";
import { Audit } from "./Audit";
import { EnvironmentsPanel } from "./environments/EnvironmentsPanel";
import { Members } from "./Members";
import { Profile } from "./Profile";
import own from "./settings.module.css";
import { Tokens } from "./Tokens";
import { WorkspacePanel } from "./WorkspacePanel";

const SECTIONS = ["profile", "workspace", "members", "environments", "tokens", "alerts", "audit"] as const;

/** Settings: of oneself, and of the workspace. */
export default function SettingsPage({ section }: { section: string }) {
  const text = useText();
  const [, go] = useLocation();
  const mayAudit = useMay("audit:read");
  const shown = SECTIONS.filter((each) => each !== "audit" || mayAudit);
  const at = shown.find((each) => each === section) ?? "profile";
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text("settings.title")}</h1>
      </header>
      <Tabs value={at} onChange={(next) => go(`/settings/${next ?? "profile"}`)} keepMounted={false}>
        <Tabs.List mb="lg" className={own.tabs}>
          {shown.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {text(`settings.section.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Profile />
        </Tabs.Panel>
        <Tabs.Panel value="workspace">
          <WorkspacePanel />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <Members />
        </Tabs.Panel>
        <Tabs.Panel value="environments">
          <EnvironmentsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="alerts">
          <Alerts />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
