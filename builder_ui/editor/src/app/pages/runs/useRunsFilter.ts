import { useMemo } from "react";
import { useSearchParams } from "wouter";
import type { RunFilter } from "@/api/jobs";

export const WORDS = ["flow", "status", "version", "last", "code", "test"] as const;
export type Word = (typeof WORDS)[number];

const HOUR = 3_600_000;
/** How far back one looks, in milliseconds. */
export const SPANS: Record<string, number> = { "1h": HOUR, "24h": 24 * HOUR, "7d": 7 * 24 * HOUR, "30d": 30 * 24 * HOUR };

/** The filter stands in the address, so that a view can be shared and kept. */
export function useRunsFilter() {
  const [params, setParams] = useSearchParams();
  const shown = WORDS.map((word) => [word, params.get(word) ?? ""] as const).filter(([, value]) => value !== "");
  const key = JSON.stringify(shown);
  const said = useMemo(() => Object.fromEntries(JSON.parse(key) as [Word, string][]) as Partial<Record<Word, string>>, [key]);
  const change = (changed: Partial<Record<Word, string | null>>): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      for (const [word, value] of Object.entries(changed)) {
        if (value) next.set(word, value);
        else next.delete(word);
      }
      return next;
    });
  /** Everything asked for is this and nothing else. */
  const replace = (wanted: Partial<Record<string, string>>): void =>
    change(Object.fromEntries(WORDS.map((word) => [word, wanted[word] ?? null])));
  return { said, change, replace };
}

/** As the server takes it: "the last 24 hours" becomes the moment it means now. */
export function asked({ last, ...rest }: Partial<Record<Word, string>>, now = Date.now()): RunFilter {
  const span = last === undefined ? undefined : SPANS[last];
  return { ...rest, ...(span === undefined ? {} : { since: new Date(now - span).toISOString() }) };
}
