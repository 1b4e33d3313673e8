import { useText } from "@/i18n";
import { durationText, instantText, relativeText } from "./time";
import { useNow } from "./useNow";

/** How long ago, kept true as time passes; the exact instant on hover. */
export function RelativeTime({ at }: { at: string | number | null | undefined }) {
  useText();
  const now = useNow(at !== null && at !== undefined);
  if (at === null || at === undefined) return <span>–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={instantText(at)}>
      {relativeText(at, Math.max(now, new Date(at).getTime()))}
    </time>
  );
}

/** When something is due, kept true as time passes; the exact instant on hover. */
export function DueTime({ at }: { at: string }) {
  useText();
  const now = useNow(true);
  return (
    <time dateTime={at} title={instantText(at)}>
      {relativeText(at, now)}
    </time>
  );
}

/** A length of time; counts up while there is no end yet. */
export function Duration({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  useText();
  const running = Boolean(from) && !to;
  const now = useNow(running, "tenth");
  if (!from) return <span>–</span>;
  const end = to ? new Date(to).getTime() : now;
  return <span style={{ fontVariantNumeric: "tabular-nums" }}>{durationText(Math.max(0, end - new Date(from).getTime()))}</span>;
}
