/** Searching on the server: over all that one may read, kind by kind. */
import { useQuery } from "@tanstack/react-query";
import { get, query } from "./client";

export type FoundKind = "flow" | "run" | "node" | "credential" | "version";

export interface Found {
  kind: FoundKind;
  /** Of a node its id in the flow, of a version its number. */
  id: string;
  name: string;
  flow: string | null;
  flow_name: string;
  /** A run's status, a node's type, a credential's kind, a version's note. */
  detail: string;
  /** Of a run when it began. */
  began: string | null;
}

/** One letter fits nearly everything. */
const SHORTEST = 2;

/** What the server finds for these words; while it looks for others, what it found last stands. */
export const useSearch = (words: string) =>
  useQuery<Found[]>({
    queryKey: ["search", words],
    queryFn: ({ signal }) => get<{ results: Found[] }>(`/api/search/${query({ q: words })}`, signal).then(({ results }) => results),
    enabled: words.length >= SHORTEST,
    placeholderData: (before: Found[] | undefined) => (words.length >= SHORTEST ? before : undefined),
    staleTime: 5_000,
  });
