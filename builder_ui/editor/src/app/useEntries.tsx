import { IconForms, IconHistory, IconKey, IconLifebuoy, IconLanguage, IconMoon, IconSettings, IconSitemap, IconSun, IconSunMoon, IconUserCheck } from "@tabler/icons-react";
import { useLocation } from "wouter";
import { useFlows, useRuns } from "@/api/queries";
import { COMMANDS, keysOf, perform, stateNow } from "@/commands";
import { titleOf } from "@/document/types";
import { LANGUAGES, useText, type Language } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { NodeIcon } from "@/ui/NodeIcon";
import { StatusIcon } from "@/ui/StatusIcon";
import { instantText } from "@/ui/time";
import { fieldsOf } from "./fieldsOf";
import type { Entry } from "./ranked";
import { usePrefer } from "./usePrefer";

const THEMES = [
  { theme: "light", icon: <IconSun size={16} /> },
  { theme: "dark", icon: <IconMoon size={16} /> },
  { theme: "auto", icon: <IconSunMoon size={16} /> },
] as const;

const keyed = (keys: string | undefined) => (keys === undefined ? {} : { keys });

/** What a language is called in English, whichever the page speaks. */
const inEnglish = new Intl.DisplayNames("en", { type: "language" });

/** Select a node and bring it into view. */
function goTo(node: string): void {
  useEditor.getState().select({ nodes: [node] });
  useView.getState().canvas?.show(node);
}

/** Everything the command palette offers: commands that may be run now, nodes and those of their fields that fit what is typed, flows, runs, places, theme, language. */
export function useEntries(typed: string): Entry[] {
  const text = useText();
  const [, go] = useLocation();
  const prefer = usePrefer();
  const flows = useFlows();
  const recent = useRuns({ limit: 20 });
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const now = stateNow();

  const commands: Entry[] = COMMANDS.filter((command) => command.id !== "palette" && command.when(now)).map((command) => ({
    id: `command:${command.id}`,
    group: text("finding.palette.commands"),
    name: command.said?.(now) ?? text(command.label),
    icon: <command.icon size={16} stroke={1.7} />,
    ...keyed(keysOf(command)[0]),
    perform: () => void perform(command),
  }));
  const nodes: Entry[] = document.nodes.map((node) => ({
    id: `node:${node.id}`,
    group: text("finding.palette.nodes"),
    name: titleOf(node),
    detail: node.id,
    also: `${node.id} ${node.type}`,
    icon: <NodeIcon name={catalogue.get(node.type)?.icon ?? "box"} size={16} />,
    perform: () => goTo(node.id),
  }));
  const fields: Entry[] = fieldsOf(document, catalogue, typed).map(({ node, title, name, label }) => ({
    id: `field:${node}:${name}`,
    group: text("finding.palette.fields"),
    name: label,
    detail: title,
    // What stands in it was looked at: it fits.
    also: typed,
    // A command or a node of that name is meant more often, and what only holds the letters less.
    behind: 2,
    icon: <IconForms size={16} stroke={1.7} />,
    perform: () => {
      goTo(node);
      useView.getState().focus({ node, path: `/config/${name}` });
    },
  }));
  const opened: Entry[] = (flows.data?.results ?? []).map((flow) => ({
    id: `flow:${flow.id}`,
    group: text("app.nav.flows"),
    name: flow.name,
    icon: <IconSitemap size={16} />,
    perform: () => go(`/flows/${flow.id}`),
  }));
  const runs: Entry[] = (recent.data?.results ?? []).map((run) => ({
    id: `run:${run.id}`,
    group: text("app.nav.runs"),
    name: `${run.flow_name ?? ""} #${run.number ?? ""}`,
    // Flows of the same name have runs of the same number.
    detail: instantText(run.created_at),
    icon: <StatusIcon status={run.status} />,
    perform: () => go(`/runs/${run.id}`),
  }));
  const places: Entry[] = [
    { id: "go:flows", name: text("app.nav.flows"), icon: <IconSitemap size={16} />, path: "/", also: "flows" },
    { id: "go:runs", name: text("app.nav.runs"), icon: <IconHistory size={16} />, path: "/runs", also: "runs" },
    { id: "go:approvals", name: text("approvals.page.title"), icon: <IconUserCheck size={16} />, path: "/approvals", also: "approvals" },
    { id: "go:operations", name: text("operations.title"), icon: <IconLifebuoy size={16} />, path: "/operations", also: "operations breakers dead letters" },
    { id: "go:credentials", name: text("app.nav.credentials"), icon: <IconKey size={16} />, path: "/credentials", also: "credentials" },
    { id: "go:settings", name: text("app.nav.settings"), icon: <IconSettings size={16} />, path: "/settings", also: "settings" },
  ].map(({ path, ...entry }) => ({ ...entry, group: text("finding.palette.places"), perform: () => go(path) }));
  const themes: Entry[] = THEMES.map(({ theme, icon }) => ({
    id: `theme:${theme}`,
    group: text("finding.palette.looks"),
    name: text(`app.theme.${theme}`),
    also: `${theme} theme`,
    icon,
    perform: () => void prefer.theme(theme),
  }));
  const languages: Entry[] = Object.entries(LANGUAGES).map(([language, name]) => ({
    id: `language:${language}`,
    group: text("finding.palette.looks"),
    name,
    also: `${language} ${inEnglish.of(language) ?? ""} language 언어`,
    icon: <IconLanguage size={16} />,
    perform: () => void prefer.language(language as Language),
  }));
  return [...commands, ...nodes, ...opened, ...places, ...runs, ...themes, ...languages, ...fields];
}
