/** The flows of the workspace, page after page as they are asked for. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { cursorOf } from "./account";
import { flows } from "./calls";
import { keys } from "./queries";

export const useFlowPages = (params: { q?: string; tag?: string; archived?: boolean }) =>
  useInfiniteQuery({
    queryKey: [...keys.flows, "pages", params],
    queryFn: ({ pageParam }) => flows.list({ ...params, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });
