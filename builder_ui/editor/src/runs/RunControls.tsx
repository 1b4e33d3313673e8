import { ActionIcon, Button, Loader, Menu, Tooltip } from "@mantine/core";
import { IconArrowsExchange, IconChevronDown, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useMay } from "@/api/account";
import { runs } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { ItemsAsked } from "@/api/operations";
import { useText } from "@/i18n";
import { isOver, nodeOfKey, type StepState } from "@/store/fold";
import { useRun, useRunHead } from "@/store/run";
import { useView } from "@/store/view";
import style from "./RunsDrawer.module.css";

async function steered(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useView.getState().fail(error);
  }
}

type Steps = ReadonlyMap<string, StepState>;

const firstFailed = (steps: Steps): StepState | undefined => [...steps.values()].find(({ status, key }) => status === "failed" && !key.includes("/") && !key.endsWith("]"));

const underWay = (steps: Steps): string[] => [...new Set([...steps.values()].filter(({ status, total }) => status === "running" && total === null).map(({ key }) => nodeOfKey(key)))];

/** Cancel, pause, resume, move to another version while it runs; run it again once it is over. */
export function RunControls({ onRerun, onMove }: { onRerun: (from: string | null, items?: ItemsAsked) => void; onMove: () => void }) {
  const text = useText();
  const run = useRunHead();
  const maySteer = useMay("runs:steer");
  const mayStart = useMay("runs:start");
  const failed = useRun(({ live }) => (live !== null && isOver(live.status) ? firstFailed(live.steps) : undefined));
  if (run === null) return null;
  if (!isOver(run.status)) {
    if (!maySteer) return null;
    return (
      <>
        {run.status === "paused" ? (
          <Tooltip label={text("runs.resume")}>
            <ActionIcon aria-label={text("runs.resume")} onClick={() => void steered(runs.resume(run.id))}>
              <IconPlayerPlay size={16} />
            </ActionIcon>
          </Tooltip>
        ) : (
          <Tooltip label={text("runs.pause")}>
            <ActionIcon aria-label={text("runs.pause")} onClick={() => void steered(runs.pause(run.id))}>
              <IconPlayerPause size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {run.version !== null && run.isCancelling !== true && (
          <Tooltip label={text("runs.move")}>
            <ActionIcon aria-label={text("runs.move")} onClick={onMove}>
              <IconArrowsExchange size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {run.isCancelling === true ? (
          <Cancelling />
        ) : (
          <Button className={style.slim} color="red" variant="light" leftSection={<IconPlayerStop size={14} />} onClick={() => void steered(runs.cancel(run.id))} aria-label={text("runs.cancel")}>
            <span className={style.words}>{text("runs.cancel")}</span>
          </Button>
        )}
      </>
    );
  }
  if (!mayStart) return null;
  return (
    <Button.Group>
      <Button className={style.slim} leftSection={<IconRefresh size={14} />} onClick={() => onRerun(failed?.key ?? null, failed?.total != null ? "failed" : undefined)} aria-label={text(failed ? "runs.rerun.failed" : "runs.rerun.again")}>
        <span className={style.words}>{text(failed ? "runs.rerun.failed" : "runs.rerun.again")}</span>
      </Button>
      {failed !== undefined && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button px={6} aria-label={text("common.action.more")}>
              <IconChevronDown size={14} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onRerun(null)}>{text("runs.rerun.whole")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Button.Group>
  );
}

/** Its end was asked for: what it still waits for, until the last attempt has ended. */
function Cancelling() {
  const text = useText();
  const nodes = useRun(({ live }) => (live === null ? "" : underWay(live.steps).join(", ")));
  const words = nodes === "" ? text("runs.cancelling.ends") : text("runs.cancelling.waits", { nodes });
  return (
    <Tooltip label={words}>
      <Button className={style.slim} color="red" variant="subtle" data-disabled aria-disabled leftSection={<Loader size={12} color="red" />} aria-label={words}>
        <span className={style.words}>{words}</span>
      </Button>
    </Tooltip>
  );
}
