import { useEffect } from "react";
import { followRuns } from "@/api/notices";
import { queryClient } from "@/api/queries";
import { catchUp } from "@/store/opening";

const QUIET = 300;

/**
 * Lists of runs are asked for again shortly after a run changed: at most a few times a second, however many change.
 * What someone else saves of the flow that is open is taken in at once.
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
    const feed = followRuns(flow ?? null, onNews, (revision) => {
      if (flow !== undefined) void catchUp(flow, revision);
    });
    return () => {
      clearTimeout(timer);
      feed.close();
    };
  }, [flow]);
}
