import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { locks, operationKeys } from "@/api/operations";
import { useText } from "@/i18n";
import type { StepState } from "@/store/fold";
import { DueTime } from "@/ui/Times";
import style from "./StepPane.module.css";

/** Where a step stands in line for its lock and who holds it; once it was let in, its token. */
export function LockLine({ run, step, token }: { run: string; step: StepState; token: number | null }) {
  const text = useText();
  const name = step.status === "waiting" && step.waitsOn?.on === "lock" ? step.waitsOn.ref : null;
  const list = useQuery({
    queryKey: [...operationKeys.locks, name],
    queryFn: () => locks.list({ name: name ?? "" }),
    enabled: name !== null,
    refetchInterval: 3_000,
  });
  if (name === null) {
    if (token === null) return null;
    return (
      <div className={style.awaited}>
        <IconLock size={16} aria-hidden />
        <span>
          {text(step.status === "running" ? "locks.shown.holds" : "locks.shown.held")} · {text("locks.shown.token", { token })}
        </span>
      </div>
    );
  }
  const places = list.data?.results ?? [];
  const own = places.find((place) => place.run === run && place.step === step.key && place.line !== null);
  const holders = places.filter((place) => place.token !== null && place.released_at === null);
  return (
    <div className={style.awaited}>
      <IconLock size={16} aria-hidden />
      <span>
        {text("locks.shown.waits")} <code>{name}</code>
        {own?.line != null && <> · {text("locks.shown.place", { line: own.line })}</>}
        {holders.length > 0 && <> · {text("locks.shown.by")} </>}
        {holders.map((place, index) => (
          <span key={place.id}>
            {index > 0 && ", "}
            <Link href={`/runs/${place.run}`}>
              {place.flow_name} #{place.number}
            </Link>
          </span>
        ))}
        {step.due !== null && (
          <>
            {" · "}
            {text("locks.shown.until")} <DueTime at={step.due} />
          </>
        )}
      </span>
    </div>
  );
}
