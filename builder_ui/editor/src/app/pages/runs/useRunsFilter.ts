import type { RunFilter } from "@/api/jobs";
import { useFilter } from "../useFilter";

const WORDS = ["flow", "status", "version", "last", "code", "test", "environment"] as const;
export type Word = (typeof WORDS)[number];

const HOUR = 3_600_000;
/** How far back one looks, in milliseconds. */
export const SPANS: Record<string, number> = { "1h": HOUR, "24h": 24 * HOUR, "7d": 7 * 24 * HOUR, "30d": 30 * 24 * HOUR };

export const useRunsFilter = () => useFilter(WORDS);

/** As the server takes it: "the last 24 hours" becomes the moment it means now. */
export function asked({ last, ...rest }: Partial<Record<Word, string>>, now = Date.now()): RunFilter {
  const span = last === undefined ? undefined : SPANS[last];
  return { ...rest, ...(span === undefined ? {} : { since: new Date(now - span).toISOString() }) };
}
