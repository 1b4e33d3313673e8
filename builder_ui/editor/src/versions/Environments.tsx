import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowUpRight, IconEyeCheck, IconLogout } from "@tabler/icons-react";
import type { Standing } from "@/api/environments";
import { useText } from "@/i18n";
import { RelativeTime } from "@/ui/Times";
import style from "./environments.module.css";

interface Props {
  standings: readonly Standing[];
  here: Standing;
  onChoose: (environment: string) => void;
  /** Null where nothing could be promoted. */
  onPromote: (() => void) | null;
  /** Null where nothing is live that one could take out. */
  onTakeOut: (() => void) | null;
}

/** What is live in which environment; the one that is chosen is what the rest of the panel speaks of. */
export function Environments({ standings, here, onChoose, onPromote, onTakeOut }: Props) {
  const text = useText();
  return (
    <section className={style.environments} aria-label={text("environments.title")}>
      <div className={style.chips} role="group" aria-label={text("environments.which")}>
        {standings.map((each) => (
          <button key={each.environment} type="button" className={style.chip} aria-pressed={each.environment === here.environment} onClick={() => onChoose(each.environment)}>
            <span>{each.environment}</span> <strong>{each.live_version === null ? "–" : `v${each.live_version}`}</strong>
            {each.canary !== null && <span className={style.beside}>{text("environments.beside", { version: each.canary.version, weight: each.canary.weight })}</span>}
            {each.needs_second && <IconEyeCheck size={13} role="img" aria-label={text("environments.second.sign")} />}
          </button>
        ))}
      </div>
      <div className={style.standing}>
        <p>
          {here.live_version === null ? text("environments.nothingLive", { environment: here.environment }) : text(here.released_by === null ? "environments.since" : "environments.sinceBy", { version: here.live_version, by: here.released_by ?? "" })}{" "}
          {here.released_at !== null && <RelativeTime at={here.released_at} />}
        </p>
        <span className={style.ways}>
          {onPromote !== null && (
            <Button size="xs" leftSection={<IconArrowUpRight size={14} />} onClick={onPromote}>
              {text("environments.promote.open")}
            </Button>
          )}
          {onTakeOut !== null && (
            <Tooltip label={text("environments.takeOut.open", { environment: here.environment })}>
              <ActionIcon aria-label={text("environments.takeOut.open", { environment: here.environment })} onClick={onTakeOut}>
                <IconLogout size={15} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </div>
    </section>
  );
}
