import { useQuery } from "@tanstack/react-query";
import { runs } from "@/api/calls";
import { useText } from "@/i18n";
import { useLasting } from "@/ui/useLasting";
import style from "./Header.module.css";

const ASKED_EVERY = 2_000;

/** Where a queued run stands in the line behind its flow's limit; nothing where it stands in none. */
export function InLine({ run, status }: { run: string; status: string }) {
  const text = useText();
  // No event tells that others left the line, so it is asked for while the run waits.
  const isQueued = useLasting(status === "queued");
  const { data } = useQuery({ queryKey: ["run", run, "line"], queryFn: () => runs.read(run), enabled: isQueued, refetchInterval: ASKED_EVERY });
  if (!isQueued || data?.queue_position == null) return null;
  return <span className={style.line} data-testid="in-line">{text("operations.line.position", { position: data.queue_position, limit: data.queue_limit ?? 0 })}</span>;
}
