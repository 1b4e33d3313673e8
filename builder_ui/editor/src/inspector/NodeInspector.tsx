import { ActionIcon, Tabs } from "@mantine/core";
import { IconLayoutColumns } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { commandById, perform, useKeysOf } from "@/commands";
import { effectOf } from "@/document/catalogue";
import type { DocumentNode } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { withChord } from "@/ui/platform";
import { Tag } from "@/ui/Tag";
import { renameId } from "./edits";
import { Head, InlineText } from "./Head";
import style from "./Inspector.module.css";
import { NodeParameters } from "./NodeParameters";
import { useShownStep } from "./useShownStep";

const NodeAttempts = lazy(() => import("./NodeAttempts").then((part) => ({ default: part.NodeAttempts })));
const NodeSettings = lazy(() => import("./NodeSettings").then((part) => ({ default: part.NodeSettings })));
const NodeOutput = lazy(() => import("./NodeOutput").then((part) => ({ default: part.NodeOutput })));
const TryNode = lazy(() => withWords(import("./TryNode")).then((part) => ({ default: part.TryNode })));

type Tab = "parameters" | "try" | "output" | "attempts" | "settings";

/** The tab on which a field stands; null for what stands above them all. */
function tabOf(path: string): Tab | null {
  if (path === "/id" || path === "/label") return null;
  return /^\/(on_error|retry|timeout|each|join|effect|disabled)(\/|$)/.test(path) ? "settings" : "parameters";
}

/** A node: what it does, what it gave, how often it tried, and how it behaves. */
export function NodeInspector({ node }: { node: DocumentNode }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const type = useEditor((state) => state.catalogue.get(node.type));
  const renaming = useEditor((state) => state.renaming === node.id && state.renamingIn === "inspector");
  const watching = useRun((state) => state.runId !== null);
  const step = useShownStep(node.id);
  const [tab, setTab] = useState<Tab>(watching && step !== null ? "output" : "parameters");
  const trying = useView((state) => state.trying?.node === node.id);
  const turn = (next: string | null): void => {
    useView.getState().tryOn(null);
    setTab((next ?? "parameters") as Tab);
  };
  const asked = useView(({ focusField }) => (focusField?.node === node.id ? focusField.path : null));
  const [sentTo, setSentTo] = useState<string | null>(null);
  // Whoever is sent to a field is shown the tab that it stands on, before the field is looked for.
  if (asked !== sentTo) {
    setSentTo(asked);
    const place = asked === null ? null : tabOf(asked);
    if (place !== null) setTab(place);
  }
  const isWide = useView((state) => state.wide);
  const effect = effectOf(node, type);
  const relabel = (label: string): null => {
    useEditor.getState().dispatch({ kind: "update_node", id: node.id, patch: { label: label === "" ? undefined : label } }, { key: "inspector.edit.rename", params: { node: label || node.id } });
    return null;
  };
  const rename = (to: string, isByKey: boolean): string | null => {
    const refused = renameId(node, to);
    if (refused !== null) return text(refused);
    // By its new id it is another node, drawn anew: whoever pressed Enter stays where they were.
    if (isByKey) useView.getState().focus({ node: to, path: "/id" });
    return null;
  };
  return (
    <>
      <Head
        icon={<CategoryIcon category={type?.category ?? ""} icon={type?.icon ?? "box"} />}
        title={
          <InlineText
            value={node.label ?? ""}
            placeholder={node.id}
            label={text("inspector.label")}
            readOnly={readOnly}
            editing={renaming}
            onEdit={(editing) => {
              if (!editing && renaming) useEditor.getState().setRenaming(null);
            }}
            onKeep={relabel}
          />
        }
        actions={<WideButton isWide={isWide} />}
      >
        <span className={style.same} data-field="/id">
          <InlineText className={style.id} value={node.id} label={text("inspector.id.label")} readOnly={readOnly} onKeep={rename} />
        </span>
        <span aria-hidden>·</span>
        <span>{type?.label ?? node.type}</span>
        {effect !== null && (
          <Tag hue="accent" title={text(`common.effect.${effect}`)}>
            {text(`common.effect.${effect}`)}
          </Tag>
        )}
      </Head>
      <Tabs value={trying ? "try" : isWide && tab === "output" ? "parameters" : tab} onChange={turn} className={style.tabs} keepMounted={false}>
        <Tabs.List className={style.tabList}>
          <Tabs.Tab value="parameters">{text("inspector.tab.parameters")}</Tabs.Tab>
          <Tabs.Tab value="try">{text("inspector.tab.try")}</Tabs.Tab>
          {!isWide && <Tabs.Tab value="output">{text("inspector.tab.output")}</Tabs.Tab>}
          <Tabs.Tab value="attempts">{step !== null && step.attempt > 1 ? text("inspector.tab.attemptsCount", { count: step.attempt }) : text("inspector.tab.attempts")}</Tabs.Tab>
          <Tabs.Tab value="settings">{text("inspector.tab.settings")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="parameters" className={style.tab}>
          <NodeParameters node={node} type={type} />
        </Tabs.Panel>
        <Tabs.Panel value="try" className={style.tab}>
          <Suspense>
            <TryNode node={node} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="output" className={style.tab}>
          <Suspense>
            <NodeOutput node={node} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="attempts" className={style.tab}>
          <Suspense>
            <NodeAttempts node={node} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={style.tab}>
          <Suspense>
            <NodeSettings node={node} type={type} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** Three panes, or one. */
function WideButton({ isWide }: { isWide: boolean }) {
  const command = commandById("wide");
  const label = useText()(command.label);
  return (
    <ActionIcon className={style.wide} aria-label={label} aria-pressed={isWide} title={withChord(label, useKeysOf()(command)[0])} onClick={() => void perform(command)}>
      <IconLayoutColumns size={16} stroke={1.7} />
    </ActionIcon>
  );
}
