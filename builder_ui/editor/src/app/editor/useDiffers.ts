import { useQuery } from "@tanstack/react-query";
import { versions } from "@/api/calls";
import { keys } from "@/api/queries";
import { useSaving } from "@/store/saving";

/** Whether the draft says something else than what is live; asked anew after each save. */
export function useDiffers(flow: string, live: number | null): boolean {
  const revision = useSaving((state) => state.revision);
  const isSaved = useSaving((state) => state.status === "saved");
  const answer = useQuery({
    queryKey: [...keys.flow(flow), "differs", live, revision],
    queryFn: async () => (live === null ? true : (await versions.diff(flow, live)).changes.length > 0),
    enabled: live !== null,
    staleTime: Infinity,
    placeholderData: (before: boolean | undefined) => before,
  });
  return live === null || !isSaved || (answer.data ?? true);
}
