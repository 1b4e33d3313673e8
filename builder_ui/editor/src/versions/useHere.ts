import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { environmentKeys, environments, type Standing } from "@/api/environments";

const NONE: readonly Standing[] = [];

/** What of a flow is live in each environment, and the environment that is looked at: the default one until another is chosen. */
export function useHere(flow: string) {
  const [chosen, choose] = useState<string | null>(null);
  const found = useQuery({ queryKey: environmentKeys.ofFlow(flow), queryFn: () => environments.ofFlow(flow) });
  const standings = found.data?.results ?? NONE;
  const here = standings.find((each) => each.environment === chosen) ?? standings.find((each) => each.is_default) ?? null;
  return { standings, here, choose };
}
