/** What keeps a run from going on, or this page from seeing it: said calmly on the canvas, with what to do about it. */
import { Button } from "@mantine/core";
import { IconCloudOff, IconHourglass, IconLock, IconServerOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { runs } from "@/api/calls";
import { useText } from "@/i18n";
import { useRun } from "@/store/run";
import { useNow } from "@/ui/useNow";
import style from "./Layout.module.css";

const ASKED_EVERY = 2_000;
const START_A_WORKER = "manage.py worker";

/** Whether a worker host lives; null while nobody knows. It answers 503 where none does, which is no error here. */
async function hasWorker(): Promise<boolean | null> {
  try {
    const answer = (await (await fetch("/readyz")).json()) as { executor?: boolean };
    return answer.executor ?? null;
  } catch {
    return null;
  }
}

export function RunStates() {
  const connection = useRun((state) => state.connection);
  const isQueued = useRun((state) => state.live?.status === "queued");
  if (connection === "waiting" || connection === "connecting") return <Lost />;
  if (connection === "refused") return <Refused />;
  return isQueued ? <Queued /> : null;
}

function Lost() {
  const text = useText();
  const retryAt = useRun((state) => state.retryAt);
  const now = useNow(retryAt !== null, "tenth");
  if (retryAt === null) return null;
  return (
    <Banner icon={<IconCloudOff size={16} />} title={text("timetravel.states.lost")}>
      {/* A count that runs is not read out second by second. */}
      <span aria-hidden data-testid="retry-live">
        {text("timetravel.states.lostRetry", { seconds: Math.max(1, Math.ceil((retryAt - now) / 1_000)) })}
      </span>
      <Button size="compact-xs" onClick={() => useRun.getState().reconnect()}>
        {text("timetravel.states.tryNow")}
      </Button>
    </Banner>
  );
}

function Refused() {
  const text = useText();
  return (
    <Banner icon={<IconLock size={16} />} title={text("timetravel.states.refused")}>
      {text("timetravel.states.refusedHelp")}
    </Banner>
  );
}

function Queued() {
  const text = useText();
  const run = useRun((state) => state.live);
  const id = run?.id ?? "";
  const line = useQuery({ queryKey: ["run", id, "line"], queryFn: () => runs.read(id), refetchInterval: ASKED_EVERY, enabled: run !== null });
  const worker = useQuery({ queryKey: ["worker"], queryFn: hasWorker, refetchInterval: ASKED_EVERY, staleTime: 0 });
  if (run === null) return null;
  if (worker.data === false) {
    return (
      <Banner icon={<IconServerOff size={16} />} title={text("timetravel.states.noWorker")}>
        {text("timetravel.states.noWorkerHelp")} <code>{START_A_WORKER}</code>
      </Banner>
    );
  }
  const position = line.data?.queue_position ?? null;
  if (position === null) return null;
  return (
    <Banner icon={<IconHourglass size={16} />} title={text("timetravel.states.inLine", { position })}>
      {text("timetravel.states.inLineHelp", { count: line.data?.queue_limit ?? 0 })}{" "}
      <Link href={`/runs?flow=${run.flow}&status=running,waiting,paused`}>{text("timetravel.states.ahead")}</Link>
    </Banner>
  );
}

function Banner({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className={style.state} role="status" data-testid="run-state">
      {icon}
      <strong>{title}</strong>
      <span>{children}</span>
    </div>
  );
}
