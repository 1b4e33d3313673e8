import { useMemo } from "react";
import { useSearchParams } from "wouter";

/** What a list shows, in the words of the page's address: so a view can be shared, kept, and come back to. */
export function useFilter<Word extends string>(words: readonly Word[]) {
  const [params, setParams] = useSearchParams();
  const shown = words.map((word) => [word, params.get(word) ?? ""] as const).filter(([, value]) => value !== "");
  const key = JSON.stringify(shown);
  const said = useMemo(() => Object.fromEntries(JSON.parse(key) as [Word, string][]) as Partial<Record<Word, string>>, [key]);
  /** What is typed changes the address where it stands; what is chosen can be gone back from. */
  const change = (changed: Partial<Record<Word, string | null>>, isTyped = false): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [word, value] of Object.entries(changed) as [Word, string | null][]) {
          if (value) next.set(word, value);
          else next.delete(word);
        }
        return next;
      },
      { replace: isTyped },
    );
  /** Everything asked for is this and nothing else. */
  const replace = (wanted: Partial<Record<string, string>>): void =>
    change(Object.fromEntries(words.map((word) => [word, wanted[word] ?? null])) as Partial<Record<Word, string | null>>);
  return { said, change, replace };
}

/** A filter as a part sees it that takes it up and puts it down, whatever its words are. */
export interface Filter {
  said: Record<string, string>;
  replace: (wanted: Partial<Record<string, string>>) => void;
}
