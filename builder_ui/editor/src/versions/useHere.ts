import { useState } from "react";
import { NO_STANDINGS, useAskedStandings } from "@/api/environments";

/** What of a flow is live in each environment, and the environment that is looked at: the default one until another is chosen. */
export function useHere(flow: string) {
  const [chosen, choose] = useState<string | null>(null);
  const asked = useAskedStandings(flow);
  const standings = asked.data?.results ?? NO_STANDINGS;
  const here = standings.find((each) => each.environment === chosen) ?? standings.find((each) => each.is_default) ?? null;
  return { asked, standings, here, choose };
}
