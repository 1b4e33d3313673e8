/** What is wrong with the text, at its places: read here at once, judged by the server a moment after the last key. */
import { useEffect, useMemo, useState } from "react";
import { flows } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { Problem } from "@/api/types";
import { misfitsOf } from "@/document/code/fitting";
import { placeOf, type Source, type Span } from "@/document/code/source";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";

export interface Judged extends Span {
  message: string;
  /** The text may be taken over all the same: a draft may have problems. */
  isWarning: boolean;
}

const QUIET = 500;
/** Milliseconds after which a server that could not be reached is asked again: longer each time, up to the longest. */
const FIRST = 3_000;
const LONGEST = 30_000;
/** More than so many are one answer as well: the text is something else altogether. */
const MOST = 200;

/** Why the server has said nothing: it can't be reached and is asked again then, or it refused to look. */
export interface Away {
  retryAt: number | null;
  refused: string | null;
}

export interface Verdict {
  judged: readonly Judged[];
  /** The server has not said yet what it thinks of the text. */
  isOpen: boolean;
  away: Away | null;
}

export function useJudged(source: Source | null, isTyped: boolean): Verdict {
  const text = useText();
  const standing = useEditor((state) => state.problems);
  const [answer, setAnswer] = useState<{ to: Source; problems: readonly Problem[] } | null>(null);
  const [away, setAway] = useState<(Away & { to: Source }) | null>(null);
  const faults = useMemo(() => (source === null ? [] : [...source.faults, ...misfitsOf(source)].slice(0, MOST)), [source]);
  const isWhole = faults.length === 0;

  useEffect(() => {
    if (source === null || !isTyped || !isWhole) return;
    let isWanted = true;
    let pause = FIRST;
    let timer = setTimeout(ask, QUIET);
    function ask(): void {
      if (source === null) return;
      flows.validate(source.value as unknown as FlowDocument).then(
        ({ problems }) => {
          if (!isWanted) return;
          setAnswer({ to: source, problems });
          setAway(null);
        },
        (refused: unknown) => {
          // Without the server's word the text can still be written and taken over.
          if (!(refused instanceof ApiError)) throw refused;
          if (!isWanted) return;
          if (!refused.isOffline) return setAway({ to: source, retryAt: null, refused: refused.message });
          setAway({ to: source, retryAt: Date.now() + pause, refused: null });
          timer = setTimeout(ask, pause);
          pause = Math.min(2 * pause, LONGEST);
        },
      );
    }
    const askNow = (): void => {
      clearTimeout(timer);
      ask();
    };
    window.addEventListener("online", askNow);
    return () => {
      isWanted = false;
      clearTimeout(timer);
      window.removeEventListener("online", askNow);
    };
  }, [source, isTyped, isWhole]);

  const isOpen = source === null || (isTyped && isWhole && answer?.to !== source);
  const judged = useMemo((): readonly Judged[] => {
    if (source === null) return [];
    if (faults.length > 0) return faults.map(({ from, to, why, what }) => ({ from, to, message: text(`code.fault.${why}`, { what }), isWarning: false }));
    const problems = isTyped ? (answer?.to === source ? answer.problems : []) : standing;
    return problems.map((problem) => ({ ...placeOf(source, problem.path ?? ""), message: problem.hint ? `${problem.message} ${problem.hint}` : problem.message, isWarning: true }));
  }, [source, faults, isTyped, answer, standing, text]);
  return { judged, isOpen, away: isOpen && away?.to === source ? away : null };
}
