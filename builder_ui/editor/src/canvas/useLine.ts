/** The place in line for a lock: it moves with other runs, so it is asked for while somebody looks. */
import { useQuery } from "@tanstack/react-query";
import { locks, operationKeys } from "@/api/operations";
import { nodeOfKey } from "@/store/fold";
import { useRun } from "@/store/run";

/** The foremost place of the node's steps in the run that is shown; null where none of them waits. */
export function useLine(lock: string | null, node: string): number | null {
  const run = useRun((state) => state.runId);
  const list = useQuery({
    queryKey: [...operationKeys.locks, "of", run],
    queryFn: () => locks.list({ run: run ?? "" }),
    enabled: lock !== null && run !== null,
    refetchInterval: 3_000,
  });
  if (lock === null) return null;
  const lines = (list.data?.results ?? []).filter((place) => place.name === lock && nodeOfKey(place.step) === node).flatMap((place) => place.line ?? []);
  return lines.length === 0 ? null : Math.min(...lines);
}
