import { Tabs, Textarea } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { commandById, useKeysOf } from "@/commands";
import type { FlowDocument, Json, JsonObject } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { Kbd } from "@/ui/Kbd";
import { endGesture, setFlow, setSettings } from "./edits";
import type { Path } from "./form/context";
import { Head } from "./Head";
import style from "./Inspector.module.css";
import { flowSettings } from "./settings";
import { SettingsForm } from "./SettingsForm";

const KeepRuns = lazy(() => withWords(import("./KeepRuns")).then((part) => ({ default: part.KeepRuns })));
const InputsEditor = lazy(() => import("./InputsEditor").then((part) => ({ default: part.InputsEditor })));
const SETTINGS: Path = ["settings"];

/** What is set, without empty objects that stand for nothing. */
const isSet = (settings: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(settings).filter(([, each]) => each !== null && !(typeof each === "object" && Object.keys(each).length === 0)));

/** The flow itself: what it takes in, and how its runs behave. */
export function FlowInspector() {
  const text = useText();
  const document = useEditor((state) => state.document);
  const name = useEditor((state) => state.flow?.name ?? "");
  const readOnly = useEditor((state) => state.readOnly);
  const isLookingBack = useView((state) => state.compared?.after != null);
  const [tab, setTab] = useState("inputs");
  return (
    <>
      <Head icon={<IconRoute size={22} />} title={name}>
        {text("inspector.flow.count", { count: document.nodes.length })}
      </Head>
      <Tabs value={tab} onChange={(next) => setTab(next ?? "inputs")} className={style.tabs} keepMounted={false}>
        <Tabs.List className={style.tabList}>
          <Tabs.Tab value="inputs">{text("inspector.flow.inputs")}</Tabs.Tab>
          <Tabs.Tab value="settings">{text("inspector.tab.settings")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="inputs" className={style.tab}>
          <Suspense>
            <InputsEditor schema={document.inputs ?? {}} readOnly={readOnly} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={style.tab}>
          <FlowSettings document={document} readOnly={readOnly} />
        </Tabs.Panel>
      </Tabs>
      {document.nodes.length > 0 && (readOnly || isLookingBack ? <p className={style.tip}>{text("inspector.flow.look")}</p> : <Tip />)}
    </>
  );
}

/** How the flow's runs behave. What expressions may read is known by its last run, which is read for nobody else. */
function FlowSettings({ document, readOnly }: { document: FlowDocument; readOnly: boolean }) {
  const text = useText();
  const flow = useEditor((state) => state.flow?.id);
  const schema = useMemo(() => flowSettings(text), [text]);
  const settings = useMemo(() => document.settings ?? {}, [document.settings]);
  const value = isSet(settings as JsonObject);
  const set = useCallback((path: Path, next: Json | undefined) => setSettings(settings, path, next), [settings]);
  return (
    <div className={style.stack} onBlur={endGesture}>
      <Textarea
        label={text("inspector.flow.description")}
        placeholder={text("inspector.flow.descriptionHint")}
        autosize
        minRows={2}
        maxRows={8}
        readOnly={readOnly}
        value={document.description ?? ""}
        onChange={(event) => setFlow({ description: event.currentTarget.value })}
      />
      <SettingsForm id="flow-settings" node={null} under={SETTINGS} root={schema} value={value} set={set} />
      {flow !== undefined && (
        <Suspense>
          <KeepRuns key={flow} flow={flow} />
        </Suspense>
      )}
    </div>
  );
}

function Tip() {
  const text = useText();
  const [insertKeys] = useKeysOf()(commandById("insert"));
  return (
    <p className={style.tip}>
      {text("inspector.flow.tip")} {insertKeys !== undefined && <Kbd keys={insertKeys} />}
    </p>
  );
}
