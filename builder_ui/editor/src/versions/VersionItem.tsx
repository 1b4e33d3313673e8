import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { Standing } from "@/api/environments";
import type { Version } from "@/api/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import style from "./versions.module.css";
import { isForward, livesOf } from "./way";

interface Props {
  version: Version;
  standings: readonly Standing[];
  /** The environment that is looked at. */
  here: Standing | null;
  mayPublish: boolean;
  onCompare: () => void;
  onGoLive: () => void;
  onCanary: () => void;
  onPromote: () => void;
  onName: () => void;
  onRestore: () => void;
}

/** A version: who published it when, where it is live, and what can be done with it. */
export function VersionItem({ version, standings, here, mayPublish, ...on }: Props) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const isLive = here !== null && here.live_version === version.version;
  const elsewhere = livesOf(standings, version.version).filter((name) => name !== here?.environment);
  const isPruned = Boolean(version.pruned_at);
  const mayRelease = mayPublish && !isPruned && here !== null && here.may_release && !isLive;
  const hasOther = mayRelease && here.live_version !== null;
  const goesForward = here !== null && isForward(version.version, here.live_version);
  return (
    <li className={style.version} data-live={isLive || undefined}>
      <div className={style.line}>
        <strong>{`v${version.version}`}</strong>
        {version.name !== "" && <span className={style.name}>{version.name}</span>}
        {isLive && (
          <Tag hue="ok" title={text("environments.liveIn", { environment: here.environment })}>
            {text("versions.live")}
          </Tag>
        )}
        {elsewhere.map((name) => (
          <Tag key={name} title={text("environments.liveIn", { environment: name })}>
            {name}
          </Tag>
        ))}
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
            {mayPublish && !isPruned && <Menu.Item onClick={on.onPromote}>{text("environments.promote.open")}</Menu.Item>}
            {hasOther && <Menu.Item onClick={on.onCanary}>{text("versions.canary.menu")}</Menu.Item>}
            {mayRelease && (
              <Menu.Item color={goesForward ? undefined : "red"} onClick={on.onGoLive}>
                {text(`versions.${goesForward ? "release" : "rollback"}.menu`, { version: version.version })}
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
