import { useEffect } from "react";
import { followRuns } from "@/api/notices";
import { queryClient } from "@/api/queries";

const QUIET = 300;

/** Lists of runs are asked for again shortly after a run changed: at most a few times a second, however many change. */
export function useRunsFeed(flow?: string): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const feed = followRuns(flow ?? null, () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: ["runs"] });
      }, QUIET);
    });
    return () => {
      clearTimeout(timer);
      feed.close();
    };
  }, [flow]);
}
