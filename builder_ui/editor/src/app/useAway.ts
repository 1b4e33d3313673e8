import { useQueryClient, type Query } from "@tanstack/react-query";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { ApiError } from "@/api/client";

/** Milliseconds between two tries. */
const PAUSE = 5_000;

/** Whether what the page shows asked in vain, for no server answered. */
function isUnanswered(query: Query): boolean {
  const why = query.state.fetchFailureReason ?? query.state.error;
  return query.isActive() && why instanceof ApiError && why.isOffline;
}

/**
 * Whether what stands on the page can't be read anew because the server is away; it is asked again until it answers.
 * `retryAt`: when that is, in milliseconds since 1970.
 */
export function useAway(): { isAway: boolean; retryAt: number | null; retry: () => void } {
  const client = useQueryClient();
  const cache = client.getQueryCache();
  const isAway = useSyncExternalStore(
    useCallback((listener: () => void) => cache.subscribe(listener), [cache]),
    () => cache.getAll().some(isUnanswered),
  );
  const [retryAt, setRetryAt] = useState<number | null>(null);
  const retry = useCallback((): void => void client.refetchQueries({ predicate: (query) => isUnanswered(query) && query.state.fetchStatus === "idle" }), [client]);
  useEffect(() => {
    if (!isAway) return;
    const wait = (): void => setRetryAt(Date.now() + PAUSE);
    wait();
    const timer = setInterval(() => {
      wait();
      retry();
    }, PAUSE);
    return () => {
      clearInterval(timer);
      setRetryAt(null);
    };
  }, [isAway, retry]);
  return { isAway, retryAt, retry };
}
