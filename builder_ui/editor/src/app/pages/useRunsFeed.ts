import { useEffect } from "react";
import { followRuns } from "@/api/notices";
import { queryClient } from "@/api/queries";
import { catchUp } from "@/store/opening";
import { bePresent, usePeople } from "@/store/people";

const QUIET = 300;

/**
 * Lists of runs are asked for again shortly after a run changed: at most a few times a second, however many change.
 * What someone else saves of the flow that is open is taken in at once, and where everybody is.
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
    const present = flow === undefined ? null : bePresent((here) => feed.say(here));
    const feed = followRuns(
      flow ?? null,
      onNews,
      flow === undefined || present === null
        ? undefined
        : { onDraft: (revision) => void catchUp(flow, revision), onPeople: usePeople.getState().hear, onLine: present.onLine },
    );
    return () => {
      clearTimeout(timer);
      feed.close();
      present?.leave();
    };
  }, [flow]);
}
