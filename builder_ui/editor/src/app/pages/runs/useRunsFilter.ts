import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import type { RunFilter } from "@/api/jobs";
import { useFilter } from "../useFilter";

const WORDS = ["q", "flow", "status", "version", "last", "code", "test", "environment"] as const;
export type Word = (typeof WORDS)[number];

const HOUR = 3_600_000;
/** How far back one looks, in milliseconds. */
export const SPANS: Record<string, number> = { "1h": HOUR, "24h": 24 * HOUR, "7d": 7 * 24 * HOUR, "30d": 30 * 24 * HOUR };

/** What the address says; and as what is `wanted` of the server what was typed once typing has paused. */
export function useRunsFilter() {
  const filter = useFilter(WORDS);
  const { said } = filter;
  const [typed] = useDebouncedValue((said.q ?? "").trim(), 200);
  const wanted = useMemo((): Partial<Record<Word, string>> => {
    const { q: _typed, ...rest } = said;
    return typed === "" ? rest : { ...rest, q: typed };
  }, [said, typed]);
  return { ...filter, wanted };
}

/** As the server takes it: "the last 24 hours" becomes the moment it means now. */
export function asked({ last, ...rest }: Partial<Record<Word, string>>, now = Date.now()): RunFilter {
  const span = last === undefined ? undefined : SPANS[last];
  return { ...rest, ...(span === undefined ? {} : { since: new Date(now - span).toISOString() }) };
}
