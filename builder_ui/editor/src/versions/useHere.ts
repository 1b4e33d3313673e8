import { useState } from "react";
import { useStandings } from "@/api/environments";

/** What of a flow is live in each environment, and the environment that is looked at: the default one until another is chosen. */
export function useHere(flow: string) {
  const [chosen, choose] = useState<string | null>(null);
  const standings = useStandings(flow);
  const here = standings.find((each) => each.environment === chosen) ?? standings.find((each) => each.is_default) ?? null;
  return { standings, here, choose };
}
