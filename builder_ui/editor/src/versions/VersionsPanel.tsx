/** The versions of a flow: who published what when, what changed, and the ways back. */
import { ActionIcon, Button, Menu, Select } from "@mantine/core";
import { IconDots, IconHistory, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useMay } from "@/api/account";
import { versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys, useFlow, useVersions } from "@/api/queries";
import type { Change } from "@/api/changes";
import type { Version } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useSaving } from "@/store/saving";
import { useView } from "@/store/view";
import { EmptyState } from "@/ui/EmptyState";
import { notify } from "@/ui/notify";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { CanaryCard } from "./CanaryCard";
import { CanaryDialog } from "./CanaryDialog";
import { DiffList } from "./DiffList";
import { GuardCard } from "./GuardCard";
import { KeepVersions } from "./KeepVersions";
import { LastGood } from "./LastGood";
import { marksOf } from "./marks";
import { NameDialog } from "./NameDialog";
import { RollbackDialog } from "./RollbackDialog";
import style from "./versions.module.css";

type Asked = { what: "rollback" | "canary" | "name"; version: number } | null;

export function VersionsPanel({ flow, onClose }: { flow: string; onClose: () => void }) {
  const text = useText();
  const { data: about } = useFlow(flow);
  const list = useVersions(flow);
  const mayPublish = useMay("flows:publish");
  const [asked, ask] = useState<Asked>(null);
  const [pair, compare] = useState<{ from: number; to: number | null } | null>(null);
  const live = about?.live_version ?? null;
  const found = list.data?.results ?? [];
  const named = asked?.what === "name" ? found.find((version) => version.version === asked.version) : undefined;
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
        {about && <GuardCard flow={about} />}
        {about?.canary && <CanaryCard flow={flow} canary={about.canary} mayEnd={mayPublish} />}
        {mayPublish && live !== null && found.length > 1 && <LastGood flow={flow} live={live} onRollback={(version) => ask({ what: "rollback", version })} />}
        {found.length === 0 && !list.isPending && (
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
            <Item
              key={version.version}
              version={version}
              isLive={version.version === live}
              mayPublish={mayPublish}
              onCompare={() => compare({ from: version.version, to: null })}
              onRollback={() => ask({ what: "rollback", version: version.version })}
              onCanary={() => ask({ what: "canary", version: version.version })}
              onName={() => ask({ what: "name", version: version.version })}
              onRestore={() => void restored(flow, version.version)}
            />
          ))}
        </ol>
        {found.length > 0 && <KeepVersions flow={flow} />}
      </div>
      {asked?.what === "rollback" && live !== null && (
        <RollbackDialog
          flow={flow}
          live={live}
          to={asked.version}
          onClose={() => ask(null)}
          onDone={() => {
            ask(null);
            notify(text("versions.rollback.done", { version: asked.version }));
          }}
        />
      )}
      {named !== undefined && <NameDialog flow={flow} version={named} onClose={() => ask(null)} />}
      {asked?.what === "canary" && <CanaryDialog flow={flow} version={asked.version} onClose={() => ask(null)} />}
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

interface ItemProps {
  version: Version;
  isLive: boolean;
  mayPublish: boolean;
  onCompare: () => void;
  onRollback: () => void;
  onCanary: () => void;
  onName: () => void;
  onRestore: () => void;
}

function Item({ version, isLive, mayPublish, ...on }: ItemProps) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const isPruned = Boolean(version.pruned_at);
  return (
    <li className={style.version} data-live={isLive || undefined}>
      <div className={style.line}>
        <strong>{`v${version.version}`}</strong>
        {version.name !== "" && <span className={style.name}>{version.name}</span>}
        {isLive && <Tag hue="ok">{text("versions.live")}</Tag>}
        {isPruned && <Tag>{text("pruning.pruned")}</Tag>}
        <span className={style.when}>
          <RelativeTime at={version.published_at} />
        </span>
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon aria-label={text("versions.actions", { version: version.version })}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {isPruned && <Menu.Label>{text("pruning.gone")}</Menu.Label>}
            {!isPruned && <Menu.Item onClick={on.onCompare}>{text("versions.compareDraft")}</Menu.Item>}
            {mayPublish && <Menu.Item onClick={on.onName}>{text("releases.named.menu")}</Menu.Item>}
            {!readOnly && !isPruned && <Menu.Item onClick={on.onRestore}>{text("versions.restore")}</Menu.Item>}
            {mayPublish && !isLive && !isPruned && <Menu.Item onClick={on.onCanary}>{text("versions.canary.menu")}</Menu.Item>}
            {mayPublish && !isLive && !isPruned && (
              <Menu.Item color="red" onClick={on.onRollback}>
                {text("versions.rollback.menu", { version: version.version })}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      {version.note !== "" && <p className={style.note}>{version.note}</p>}
      <p className={style.author}>
        {version.author ?? ""} <code>{version.hash.slice(0, 8)}</code>
      </p>
    </li>
  );
}

interface ComparisonProps {
  flow: string;
  pair: { from: number; to: number | null };
  versions: readonly Version[];
  onPair: (pair: { from: number; to: number | null }) => void;
  onClose: () => void;
}

function Comparison({ flow, pair, versions: all, onPair, onClose }: ComparisonProps) {
  const text = useText();
  const revision = useSaving((state) => state.revision);
  const diff = useQuery({
    queryKey: [...keys.flow(flow), "diff", pair.from, pair.to ?? `draft ${revision}`],
    queryFn: () => versions.diff(flow, pair.from, pair.to ?? undefined),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  useOnCanvas(flow, pair, diff.isPlaceholderData ? undefined : diff.data?.changes);
  const names = all.filter((each) => !each.pruned_at).map((each) => ({ value: String(each.version), label: each.name === "" ? `v${each.version}` : `v${each.version} · ${each.name}` }));
  return (
    <section className={style.comparison}>
      <div className={style.line}>
        <Select aria-label={text("versions.diff.before")} data={names} value={String(pair.from)} allowDeselect={false} onChange={(next) => onPair({ ...pair, from: Number(next) })} />
        <span aria-hidden>→</span>
        <Select
          aria-label={text("versions.diff.after")}
          data={[{ value: "", label: text("versions.draft") }, ...names]}
          value={pair.to === null ? "" : String(pair.to)}
          allowDeselect={false}
          onChange={(next) => onPair({ ...pair, to: next === "" || next === null ? null : Number(next) })}
        />
        <ActionIcon onClick={onClose} aria-label={text("common.action.close")}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {diff.data && <DiffList changes={diff.data.changes} />}
      {diff.error instanceof ApiError && <p>{diff.error.message}</p>}
    </section>
  );
}

/** Draws what is compared on the canvas for as long as this stands. */
function useOnCanvas(flow: string, { from, to }: { from: number; to: number | null }, changes: readonly Change[] | undefined): void {
  const before = useVersionDocument(flow, from);
  const after = useVersionDocument(flow, to);
  useEffect(() => {
    if (before === undefined || changes === undefined || (to !== null && after === undefined)) return;
    useView.getState().compare({ before, after: after ?? null, difference: marksOf(changes) });
  }, [before, after, to, changes]);
  useEffect(() => () => useView.getState().compare(null), []);
}

/** What a version says; it never changes, so it is asked for once. */
function useVersionDocument(flow: string, version: number | null): FlowDocument | undefined {
  const found = useQuery({ queryKey: [...keys.flow(flow), "version", version], queryFn: () => versions.read(flow, version ?? 0), enabled: version !== null, staleTime: Infinity });
  return version === null ? undefined : found.data?.document;
}
