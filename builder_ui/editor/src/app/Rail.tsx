import { Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { IconHistory, IconKey, IconLifebuoy, IconLogout, IconRoute, IconSettings, IconShieldLock, IconSitemap, IconUserCheck, type Icon } from "@tabler/icons-react";
import { Link, useLocation } from "wouter";
import { chooseWorkspace } from "@/api/client";
import { useApprovals } from "@/api/approvals";
import { useSession } from "@/api/account";
import { useText, type TextKey } from "@/i18n";
import { Mark } from "./Mark";
import style from "./Rail.module.css";
import { signOut } from "./signOut";

const PLACES: { path: string; label: TextKey; icon: Icon; holds: (path: string) => boolean }[] = [
  { path: "/", label: "app.nav.flows", icon: IconSitemap, holds: (path) => path === "/" || path.startsWith("/flows") },
  { path: "/runs", label: "app.nav.runs", icon: IconHistory, holds: (path) => path.startsWith("/runs") },
  { path: "/approvals", label: "approvals.page.title", icon: IconUserCheck, holds: (path) => path.startsWith("/approvals") },
  { path: "/credentials", label: "app.nav.credentials", icon: IconKey, holds: (path) => path.startsWith("/credentials") },
  { path: "/operations", label: "operations.title", icon: IconLifebuoy, holds: (path) => path.startsWith("/operations") },
];

/** The thin rail: where one can go. At the bottom of the page on a small screen. */
export function Rail() {
  const text = useText();
  const [path] = useLocation();
  const { data: session } = useSession();
  const open = (useApprovals(false).data?.results ?? []).filter((approval) => approval.may_decide).length;
  const initials = (session?.user.name ?? "").slice(0, 2).toUpperCase();
  return (
    <nav className={style.rail} aria-label={text("app.nav.label")}>
      <Link href="/" className={style.logo} aria-label={text("app.nav.home")}>
        <Mark />
      </Link>
      {PLACES.map((place) => (
        <Place key={place.path} {...place} active={place.holds(path)} count={place.path === "/approvals" ? open : 0} />
      ))}
      <div className={style.grow} />
      <Place path="/settings" label="app.nav.settings" icon={IconSettings} active={path.startsWith("/settings")} />
      <Menu position="right-end" width={230}>
        <Menu.Target>
          <UnstyledButton className={style.person} aria-label={text("app.nav.account")}>
            {initials}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{session?.user.name}</Menu.Label>
          {(session?.workspaces ?? []).length > 1 &&
            session?.workspaces.map((each) => (
              <Menu.Item
                key={each.id}
                leftSection={<IconRoute size={15} />}
                disabled={each.id === session.workspace.id}
                onClick={() => {
                  chooseWorkspace(each.id);
                  window.location.assign("/");
                }}
              >
                {each.name}
              </Menu.Item>
            ))}
          {(session?.workspaces ?? []).length > 1 && <Menu.Divider />}
          {session?.user.is_staff && (
            <Menu.Item component="a" href="/admin/" leftSection={<IconShieldLock size={15} />}>
              {text("app.nav.admin")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
            {text("app.nav.signOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

function Place({ path, label, icon: Icon, active, count = 0 }: { path: string; label: TextKey; icon: Icon; active: boolean; count?: number }) {
  const text = useText();
  return (
    <Tooltip label={text(label)} position="right">
      <Link href={path} className={style.place} data-active={active || undefined} aria-current={active ? "page" : undefined} aria-label={count > 0 ? text("approvals.page.waiting", { count }) : text(label)}>
        <Icon size={20} stroke={1.7} aria-hidden />
        {count > 0 && (
          <span className={style.count} aria-hidden>
            {count}
          </span>
        )}
      </Link>
    </Tooltip>
  );
}
