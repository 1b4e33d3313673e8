/** The versions of a flow: who published what when, where each is live, what changed, and the ways on and back. */
import { ActionIcon, Button } from "@mantine/core";
import { IconHistory, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "@/api/account";
import { versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { useVersions } from "@/api/queries";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { EmptyState } from "@/ui/EmptyState";
import { isUnread, Unread } from "@/ui/Unread";
import { CanaryCard } from "./CanaryCard";
import { CanaryDialog } from "./CanaryDialog";
import { Comparison, type Pair } from "./Comparison";
import { Environments } from "./Environments";
import { GoLiveDialog } from "./GoLiveDialog";
import { GuardCard } from "./GuardCard";
import { KeepVersions } from "./KeepVersions";
import { LastGood } from "./LastGood";
import { NameDialog } from "./NameDialog";
import { OpenProposals } from "./OpenProposals";
import { PromoteDialog } from "./PromoteDialog";
import { ReleaseHistory } from "./ReleaseHistory";
import { TakeOutDialog } from "./TakeOutDialog";
import { useHere } from "./useHere";
import { VersionItem } from "./VersionItem";
import style from "./versions.module.css";
import { suggestedWay, type Way } from "./way";

type Asked = { what: "goLive" | "canary" | "name"; version: number } | { what: "promote"; way: Way } | { what: "takeOut" } | null;

export function VersionsPanel({ flow, onClose }: { flow: string; onClose: () => void }) {
  const text = useText();
  const list = useVersions(flow);
  const { asked: standing, standings, here, choose } = useHere(flow);
  const mayPublish = useMay("flows:publish");
  const [asked, ask] = useState<Asked>(null);
  const [pair, compare] = useState<Pair | null>(null);
  const live = here?.live_version ?? null;
  const way = here === null ? null : suggestedWay(standings, here.environment);
  const found = list.data?.results ?? [];
  const named = asked?.what === "name" ? found.find((version) => version.version === asked.version) : undefined;
  const close = (): void => ask(null);
  return (
    <div className={style.panel} data-region="versions">
      <header className={style.head}>
        <IconHistory size={18} aria-hidden />
        <h2>{text("versions.title")}</h2>
        <ActionIcon onClick={onClose} aria-label={text("common.action.close")}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={style.body}>
        {here !== null && found.length > 0 && (
          <Environments
            standings={standings}
            here={here}
            onChoose={choose}
            onPromote={mayPublish && way !== null ? () => ask({ what: "promote", way }) : null}
            onTakeOut={mayPublish && here.may_release && live !== null ? () => ask({ what: "takeOut" }) : null}
          />
        )}
        <OpenProposals flow={flow} standings={standings} onCompare={compare} />
        {here !== null && <GuardCard flow={flow} here={here} />}
        {here !== null && here.canary !== null && <CanaryCard flow={flow} here={here} canary={here.canary} mayEnd={mayPublish && here.may_release} />}
        {here !== null && live !== null && mayPublish && here.may_release && found.length > 1 && <LastGood flow={flow} environment={here.environment} live={live} onBack={(version) => ask({ what: "goLive", version })} />}
        {isUnread(standing) && <Unread what={text("environments.title")} asked={standing} />}
        {isUnread(list, found.length === 0) && <Unread what={text("versions.title")} asked={list} />}
        {found.length === 0 && list.isSuccess && (
          <EmptyState compact icon={<IconHistory size={18} />} title={text("versions.none")}>
            {text("versions.noneHelp")}
          </EmptyState>
        )}
        {pair !== null && <Comparison flow={flow} pair={pair} versions={found} onPair={compare} onClose={() => compare(null)} />}
        {pair === null && found.length > 0 && (
          <Button size="xs" style={{ alignSelf: "flex-start" }} onClick={() => compare({ from: live ?? found[0]?.version ?? 1, to: null })}>
            {text("versions.compareDraft")}
          </Button>
        )}
        <ol className={style.list}>
          {found.map((version) => (
            <VersionItem
              key={version.version}
              version={version}
              standings={standings}
              here={here}
              mayPublish={mayPublish}
              onCompare={() => compare({ from: version.version, to: null })}
              onGoLive={() => ask({ what: "goLive", version: version.version })}
              onCanary={() => ask({ what: "canary", version: version.version })}
              onPromote={() => here !== null && ask({ what: "promote", way: { origin: { version: version.version }, to: version.version === live && way !== null ? way.to : here.environment } })}
              onName={() => ask({ what: "name", version: version.version })}
              onRestore={() => void restored(flow, version.version)}
            />
          ))}
        </ol>
        {here !== null && found.length > 0 && <ReleaseHistory key={here.environment} flow={flow} environment={here.environment} />}
        {found.length > 0 && <KeepVersions flow={flow} />}
      </div>
      {asked?.what === "goLive" && here !== null && <GoLiveDialog flow={flow} environment={here.environment} live={live} to={asked.version} onClose={close} />}
      {asked?.what === "takeOut" && here !== null && live !== null && <TakeOutDialog flow={flow} environment={here.environment} live={live} onClose={close} />}
      {named !== undefined && <NameDialog flow={flow} version={named} onClose={close} />}
      {asked?.what === "canary" && here !== null && <CanaryDialog flow={flow} here={here} version={asked.version} onClose={close} />}
      {asked?.what === "promote" && (
        <PromoteDialog
          flow={flow}
          standings={standings}
          versions={found}
          way={asked.way}
          onClose={close}
          onDone={(environment) => {
            choose(environment);
            close();
          }}
          onDraw={(drawn) => {
            compare(drawn);
            close();
          }}
        />
      )}
    </div>
  );
}

/** Put a version's document into the draft, as one edit that can be undone. */
async function restored(flow: string, version: number): Promise<void> {
  try {
    const { document } = await versions.read(flow, version);
    if (document !== undefined) useEditor.getState().dispatch({ kind: "replace", document }, { key: "versions.edit.restore", params: { version } });
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    useView.getState().fail(refused);
  }
}
