import { useEffect } from "react";
import { followRuns } from "@/api/notices";
import { keys, queryClient } from "@/api/queries";
import { catchUp } from "@/store/opening";
import { bePresent, usePeople } from "@/store/people";

const QUIET = 300;
/** What of a flow the panel of versions shows. */
const SHOWN = ["environments", "versions"];

/**
 * Lists of runs are asked for again shortly after a run changed: at most a few times a second, however many change.
 * What someone else saves of the flow that is open is taken in at once, and what they release or propose, and where everybody is.
 */
export function useRunsFeed(flow?: string): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onNews = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: ["runs"] });
      }, QUIET);
    };
    let releases: string | null = null;
    const onReleases = (mark: string): void => {
      if (flow === undefined || mark === releases) return;
      const known = keys.flow(flow);
      // What was read before the line stood may be older than its first word: only what a panel shows is worth another look.
      const stale = releases === null ? SHOWN.map((part) => [...known, part]) : [known];
      for (const queryKey of stale) void queryClient.invalidateQueries({ queryKey });
      releases = mark;
    };
    const present = flow === undefined ? null : bePresent((here) => feed.say(here));
    const feed = followRuns(
      flow ?? null,
      onNews,
      flow === undefined || present === null
        ? undefined
        : { onReleases, onDraft: (revision) => void catchUp(flow, revision), onPeople: usePeople.getState().hear, onLine: present.onLine },
    );
    return () => {
      clearTimeout(timer);
      feed.close();
      present?.leave();
    };
  }, [flow]);
}
